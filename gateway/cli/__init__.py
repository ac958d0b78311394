"""The ``edi-gateway`` command: one module for each subcommand, imported when that one is asked for.

Most of them need a large part of the gateway, which takes longer to import than ``check`` takes to judge a file.
"""

from dataclasses import dataclass
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_command


@dataclass(frozen=True, slots=True)
class Subcommand:
    """Where a subcommand is, and what the list of all says of it."""

    name: str
    attribute: str
    """Of its module: a function, or a Typer application that has commands of its own."""
    help: str
    module: str = ""
    """In this package; empty: it bears the command's name."""

    def load(self) -> Any:
        """Import it."""
        found = getattr(import_module(f"{__name__}.{self.module or self.name}"), self.attribute)
        if isinstance(found, typer.Typer):
            return get_command(found)
        alone = typer.Typer(add_completion=False)
        alone.command(self.name)(found)
        return get_command(alone)


SUBCOMMANDS = (
    Subcommand("demo", "demo", "Show the gateway: servers, a synthetic book of business, and a request to paste."),
    Subcommand("serve", "serve", "Answer inquiries over HTTP until SIGTERM or Ctrl-C."),
    Subcommand(
        "migrate",
        "migrate",
        "Bring the database of EDI_GATEWAY_DATABASE_URL to this program's schema, as the schema's owner.",
    ),
    Subcommand("check", "check", "Judge X12 files: what is wrong, where, and how to mend it."),
    Subcommand("send", "send", "Send an X12 file to a gateway and print the answer."),
    Subcommand(
        "load",
        "load",
        "Load a file into the store; what is there under the same id is replaced and kept in the history.",
    ),
    Subcommand(
        "explain",
        "explain",
        "Say why an answer was what it was: who asked, who was meant, and the rule behind every line.",
    ),
    Subcommand(
        "ask",
        "ask",
        "Print what the sender of an interchange would be answered, on what the payer knew at an earlier moment.",
    ),
    Subcommand("audit", "audit_commands", "What is kept of answers, and for how long."),
    Subcommand("submitter", "submitter_commands", "Submitters and their API keys.", "administration"),
    Subcommand(
        "entitlement", "entitlement_commands", "What provider groups let submitters do for them.", "administration"
    ),
    Subcommand("hours", "hours_commands", "Service hours: show them, declare maintenance and days that differ."),
    Subcommand("review", "review_commands", "Reviews (278): what waits, and a reviewer's decisions."),
    Subcommand("reviewer", "reviewer_commands", "Reviewers, who decide pended reviews over HTTP.", "administration"),
)


class Subcommands(TyperGroup):
    """Lists the subcommands without importing them, and imports the one that is asked for."""

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """The subcommand that the arguments begin with."""
        name, _, rest = super().resolve_command(ctx, args)
        return name, next(each for each in SUBCOMMANDS if each.name == name).load(), rest


app = typer.Typer(
    name="edi-gateway", cls=Subcommands, no_args_is_help=True, add_completion=False, pretty_exceptions_show_locals=False
)


@app.callback()
def _gateway() -> None:
    """Answer X12 eligibility, claim status and precertification inquiries for a payer."""


def _list(subcommand: Subcommand) -> None:
    @app.command(subcommand.name, help=subcommand.help)
    def stand_in() -> None:
        """Stands in the list only."""


for each in SUBCOMMANDS:
    _list(each)


def main() -> None:
    """Run the command line."""
    app()
