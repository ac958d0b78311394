"""``edi-gateway explain`` and ``ask``: what an operator reads."""

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from gateway.cli import app
from gateway.store.loading import load_contracts
from tests.real_time import Answered, family, inquiry, open_desk

pytestmark = pytest.mark.store

MARKS = ("QUILLFEATHER", "ODA", "W100000001", "1980-01-31")


def run(database_url: str, *arguments: str) -> Result:
    # A terminal's width would decide where lines end.
    return CliRunner().invoke(app, arguments, env={"EDI_GATEWAY_DATABASE_URL": database_url, "COLUMNS": "400"})


@pytest.fixture
def answers(database_url: str, redis_url: str) -> list[Answered]:
    """A 271, an AAA and a TA1."""

    async def ask() -> list[Answered]:
        async with open_desk(database_url, redis_url) as desk:
            return [await desk.ask(data) for data in (inquiry(), inquiry(born="19800201"), b"noise")]

    return asyncio.run(ask())


def trace_of(answer: Answered) -> str:
    return next(line.split("*")[2] for line in answer.of("TRN") if line.startswith("TRN*1*"))


def number_of(answer: Answered) -> str:
    return f"{answer.control_number:09d}"


def test_each_line_is_printed_with_its_rule(database_url: str, answers: list[Answered]) -> None:
    result = run(database_url, "explain", trace_of(answers[0]))
    assert result.exit_code == 0, result.output
    told = result.stdout
    assert "EB*B**98***27*25*****Y~\n    because of co-payment: plan GOLD benefits[1].costs[0]" in told
    assert "the same, byte for byte" in told
    assert "XX 1234567893: RIVERBEND GROUP (P1)" in told
    assert "TIN 990000001 for eligibility" in told
    assert "agree: member id, last name, first name, birth date" in told
    assert "eligibility was open" in told
    assert not [mark for mark in MARKS if mark in told]


def test_unmasked_the_patient_and_the_answer_are_shown(database_url: str, answers: list[Answered]) -> None:
    told = run(database_url, "explain", trace_of(answers[0]), "--unmasked").stdout
    assert "QUILLFEATHER ODA W100000001 1980-01-31" in told
    assert "NM1*IL*1*QUILLFEATHER*ODA" in told


def test_a_rejection_is_printed_with_its_element_and_mend(database_url: str, answers: list[Answered]) -> None:
    told = run(database_url, "explain", trace_of(answers[1])).stdout
    assert "AAA 71 C at 2100C DMG02\n    the birth date is not the one on file\n    → " in told


def test_an_answer_without_a_trace_is_found_by_its_control_number(database_url: str, answers: list[Answered]) -> None:
    number = number_of(answers[2])
    told = run(database_url, "explain", number, "--submitter", "clinic").stdout
    assert told.startswith("TA1, control number")
    assert "[TA1 " in told
    result = run(database_url, "explain", number)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "needs --submitter" in result.stderr


def test_a_program_reads_json(database_url: str, answers: list[Answered]) -> None:
    told = json.loads(run(database_url, "explain", trace_of(answers[0]), "--json").stdout)
    assert told["is_same"] is True
    assert told["patients"][0]["match"]["coverages"] == [{"plan": "GOLD", "begin": "2025-01-01", "end": None}]
    assert told["hours"]["is_open"] is True


def test_an_earlier_answer_is_printed(database_url: str, answers: list[Answered], tmp_path: Path) -> None:
    file = tmp_path / "inquiry.edi"
    file.write_bytes(inquiry())
    before = datetime.now(UTC).isoformat()
    asyncio.run(load_contracts(database_url, [family("310")]))
    at = ("--at", "2026-11-21T18:30")
    earlier, now = run(database_url, "ask", str(file), "--as-of", before, *at), run(database_url, "ask", str(file), *at)
    assert "*29*379.5*" in earlier.stdout
    assert "*29*190*" in now.stdout
    assert Answered("271", earlier.stdout).of("EB") == answers[0].of("EB")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--as-of", "yesterday"), "--as-of: give a moment such as"),
        (("--at", "25:00"), "--at: give a moment such as"),
        ((), "is no submitter"),
    ],
)
def test_what_cannot_be_asked_is_said(database_url: str, tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    file = tmp_path / "noise.edi"
    file.write_bytes(b"noise")
    result = run(database_url, "ask", str(file), *arguments)
    assert (result.exit_code, result.stdout) == (1, "")
    assert said in result.stderr


def test_a_file_that_is_not_there_is_said(database_url: str) -> None:
    result = run(database_url, "ask", "/nowhere/inquiry.edi")
    assert result.exit_code == 1
    assert "No such file" in result.stderr
