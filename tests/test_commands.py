"""The list of the subcommands, which is told without importing them."""

import subprocess
import sys

import pytest
from typer.testing import CliRunner

from gateway.cli import SUBCOMMANDS, Subcommand, app

SERVERS_LIBRARIES = ("asyncpg", "fastapi", "redis", "uvicorn")


@pytest.mark.parametrize("subcommand", SUBCOMMANDS, ids=lambda each: each.name)
def test_the_list_says_of_a_subcommand_what_it_says_of_itself(subcommand: Subcommand) -> None:
    assert " ".join(subcommand.load().help.partition("\n\n")[0].split()) == subcommand.help


@pytest.mark.parametrize("arguments", [["--help"], ["check", "--help"], ["send", "--help"]], ids=" ".join)
def test_what_needs_no_server_imports_nothing_of_it(arguments: list[str]) -> None:
    code = f"""
import sys
from gateway.cli import app
app({arguments!r}, standalone_mode=False)
print([name for name in {SERVERS_LIBRARIES!r} if name in sys.modules])
"""
    said = subprocess.run((sys.executable, "-c", code), capture_output=True, text=True, check=True).stdout
    assert said.endswith("\n[]\n")


def test_a_misspelt_subcommand_is_told_what_it_may_have_been() -> None:
    refused = CliRunner().invoke(app, ["chek"])
    assert refused.exit_code == 2
    assert "Did you mean 'check'?" in refused.output
