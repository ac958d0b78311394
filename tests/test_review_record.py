"""The official record of a review: messages and documents by reference, which nobody rewrites."""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta

import asyncpg
import pytest
from typer.testing import CliRunner, Result

from edi.services_review import Attachment
from edi.services_review_answer import LevelAnswer
from gateway.cli import app
from gateway.reviews.note import DocumentNote, Message, Note, NoteFault, find_note_faults
from gateway.store.review_desk import find_review
from rules.reviews import DocumentCame, all_in_at
from tests.real_time import Answered, Desk
from tests.review_desk import open_review_desk, request
from tests.store_support import another_program

TODAY = date(2026, 11, 21)
NOON = datetime(2026, 11, 21, 17, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)

_numbers = itertools.count(1)


@pytest.fixture
async def desk(database_url: str, redis_url: str) -> AsyncIterator[Desk]:
    async with open_review_desk(database_url, redis_url) as desk:
        yield desk


@pytest.fixture
async def pended(desk: Desk) -> Answered:
    """A review that asks for a document."""
    return await desk.ask(request(code="72148", trace=f"RECORD-{next(_numbers)}"))


def reference_of(answer: Answered) -> str:
    return next(line for line in answer.of("REF") if line.startswith("REF*NT*")).removeprefix("REF*NT*")


def control_number_of(answer: Answered) -> str:
    """PWK06 of the document that is asked for."""
    return answer.of("PWK")[0].split("*")[6]


async def run(desk: Desk, *arguments: str) -> Result:
    environment = {"EDI_GATEWAY_DATABASE_URL": desk.database_url}
    return await asyncio.to_thread(lambda: CliRunner().invoke(app, ("review", *arguments), env=environment))


@pytest.mark.store
async def test_messages_and_documents_are_on_the_record_with_who_and_when(desk: Desk, pended: Answered) -> None:
    reference, number = reference_of(pended), control_number_of(pended)
    await run(desk, "message", reference, "CALLED THE PRACTICE", "--by", "NURSE 7", "--internal")
    noted = await run(
        desk, "document", reference, "--control-number", number, "--loinc", "11504-8", "--received", "2026-11-20",
        "--reference", "DMS-1", "--by", "MAILROOM",
    )  # fmt: skip
    assert noted.exit_code == 0, noted.output
    shown = (await run(desk, "history", reference)).stdout
    assert "request by clinic\n" in shown
    assert "decision by rules: pended\n" in shown
    assert "message by NURSE 7: CALLED THE PRACTICE (internal)\n" in shown
    told = f"control number {number}, LOINC 11504-8, reference DMS-1, received 2026-11-20"
    assert f"document by MAILROOM: {told}\n" in shown
    assert f"document by MAILROOM: {told}\n" in (await run(desk, "show", reference)).stdout
    steps = json.loads((await run(desk, "history", reference, "--json")).stdout)["history"]
    assert [(step["kind"], step["by"]) for step in steps] == [
        ("request", "clinic"),
        ("decision", "rules"),
        ("message", "NURSE 7"),
        ("document", "MAILROOM"),
    ]
    assert steps[1]["decision"] == "pended"
    assert steps[2]["text"] == "CALLED THE PRACTICE"
    assert (steps[3]["control_number"], steps[3]["loinc"], steps[3]["received_on"]) == (number, "11504-8", "2026-11-20")


@pytest.mark.store
async def test_a_message_or_document_leaves_the_answer_as_it_is(desk: Desk, pended: Answered) -> None:
    reference = reference_of(pended)
    await run(desk, "message", reference, "THE CHART FOLLOWS", "--by", "PRACTICE")
    await run(desk, "document", reference, "--reference", "DMS-2", "--by", "MAILROOM")
    trace = next(line.split("*")[2] for line in pended.of("TRN") if line.startswith("TRN*2"))
    again = await desk.ask(request(code="72148", trace=trace))
    assert again.text == pended.text


@pytest.mark.store
async def test_the_decision_is_due_once_all_documents_are_in(desk: Desk, pended: Answered) -> None:
    reference = reference_of(pended)
    other = (await run(desk, "document", reference, "--control-number", "OTHER-1", "--by", "MAILROOM")).exit_code
    assert other == 0
    shown = (await run(desk, "show", reference)).stdout
    assert "may be closed (CORE)" in shown
    assert "decision after documents (CORE)" not in shown
    await run(desk, "document", reference, "--control-number", control_number_of(pended), "--by", "MAILROOM")
    shown = (await run(desk, "show", reference)).stdout
    assert "may be closed (CORE)" not in shown
    assert "decision after documents (CORE)" in shown


@pytest.mark.store
@pytest.mark.parametrize(
    "arguments",
    [
        ("message", " ", "--by", "NURSE 7"),
        ("document", "--by", "MAILROOM"),
        ("document", "--loinc", "chart", "--by", "MAILROOM"),
        ("document", "--reference", "DMS-3", "--received", "2999-01-01", "--by", "MAILROOM"),
        ("document", "--reference", "DMS-3", "--received", "yesterday", "--by", "MAILROOM"),
    ],
    ids=["nothing said", "nothing named", "no LOINC code", "not yet", "no day"],
)
async def test_what_cannot_be_noted_is_refused_and_the_record_stays(
    desk: Desk, pended: Answered, arguments: tuple[str, ...]
) -> None:
    reference = reference_of(pended)
    refused = await run(desk, arguments[0], reference, *arguments[1:])
    assert refused.exit_code == 1
    held = await find_review(desk.database_url, reference)
    assert held is not None
    assert [step.kind for step in held.history] == ["request", "decision"]


@pytest.mark.store
async def test_nothing_is_noted_of_a_review_that_is_not_there(desk: Desk) -> None:
    for command in (("message", "R999999999", "HELLO"), ("document", "R999999999", "--reference", "X")):
        refused = await run(desk, *command, "--by", "NURSE 7")
        assert (refused.exit_code, "there is no such review" in refused.stderr) == (1, True)
    assert (await run(desk, "history", "R999999999")).exit_code == 1


@pytest.mark.store
@pytest.mark.parametrize("who", ["the gateway's role", "the owner of the tables", "a replica"])
async def test_postgresql_lets_nobody_rewrite_the_record(desk: Desk, pended: Answered, who: str) -> None:
    assert pended.outcome == "278"
    setup = {
        "the gateway's role": "SET LOCAL ROLE somebody",
        "the owner of the tables": """
            ALTER TABLE edi.review OWNER TO somebody; ALTER TABLE edi.review_event OWNER TO somebody;
            SET LOCAL ROLE somebody
        """,
        "a replica": "SET LOCAL session_replication_role = replica",
    }[who]
    statements = (
        "UPDATE edi.{} SET recorded_at = now()",
        "DELETE FROM edi.{}",
        "TRUNCATE edi.{} CASCADE",
        "WITH gone AS (DELETE FROM edi.{} RETURNING 1) SELECT count(*) FROM gone",
        "MERGE INTO edi.{} AS held USING (SELECT 1) AS one (n) ON true WHEN MATCHED THEN DELETE",
    )
    async with another_program(desk.database_url) as connection:
        everything = connection.transaction()
        await everything.start()
        await connection.execute(
            """
            CREATE ROLE somebody; GRANT ALL ON SCHEMA edi TO somebody;
            GRANT ALL ON ALL TABLES IN SCHEMA edi TO somebody
            """
        )
        await connection.execute(setup)
        for table, statement in itertools.product(("review", "review_event"), statements):
            with pytest.raises(asyncpg.RestrictViolationError, match="is refused"):
                async with connection.transaction():
                    await connection.execute(statement.format(table))
        assert await connection.fetchval("SELECT count(*) FROM edi.review_event") >= 2
        await everything.rollback()


@pytest.mark.parametrize(
    ("note", "faults"),
    [
        (Message("HELLO"), ()),
        (Message(""), (NoteFault.NOTHING_SAID,)),
        (Message("A" * 4001), (NoteFault.TEXT_TOO_LONG,)),
        (Message("A\x1b[2J"), (NoteFault.NOT_PRINTABLE,)),
        (DocumentNote(control_number="R000000001-1"), ()),
        (DocumentNote(), (NoteFault.NOTHING_NAMED,)),
        (DocumentNote("A" * 81), (NoteFault.NAME_TOO_LONG,)),
        (DocumentNote("A\x07"), (NoteFault.NOT_PRINTABLE,)),
        (DocumentNote(loinc="18748-4"), ()),
        (DocumentNote(loinc="18748"), (NoteFault.NOT_LOINC,)),
        (DocumentNote("A", received_on=TODAY), ()),
        (DocumentNote("A", received_on=TODAY + timedelta(days=1)), (NoteFault.NOT_YET,)),
    ],
)
def test_a_note_that_cannot_be_put_on_record_says_why(note: Note, faults: tuple[NoteFault, ...]) -> None:
    assert find_note_faults(note, TODAY) == faults


def asking(*control_numbers: str, codes: tuple[str, ...] = ()) -> LevelAnswer:
    wanted = tuple(Attachment("OB", "EL", number) for number in control_numbers)
    return LevelAnswer(decision=None, wanted=wanted, wanted_codes=codes)


ONE, TWO, THREE = NOON, NOON + HOUR, NOON + 2 * HOUR


@pytest.mark.parametrize(
    ("levels", "came", "all_in"),
    [
        ([asking("1")], [], None),
        ([asking("1")], [DocumentCame(ONE, "1")], ONE),
        ([asking("1")], [DocumentCame(ONE, "2")], None),
        ([asking("1", "2")], [DocumentCame(ONE, "1")], None),
        ([asking("1", "2")], [DocumentCame(TWO, "2"), DocumentCame(ONE, "1")], TWO),
        ([asking("1"), asking("2")], [DocumentCame(ONE, "1"), DocumentCame(TWO, "2"), DocumentCame(THREE, "2")], TWO),
        ([asking("1", codes=("11504-8",))], [DocumentCame(ONE, loinc="11504-8")], ONE),
        ([asking("1", "2", codes=("11504-8",))], [DocumentCame(ONE, loinc="11504-8")], None),
        ([asking("1", "2")], [DocumentCame(ONE, "1"), DocumentCame(TWO)], TWO),
        ([asking()], [DocumentCame(ONE, "1")], ONE),
    ],
    ids=[
        "nothing came", "the one", "another", "one of two", "both", "of event and service", "by its LOINC code",
        "by a code where not all have one", "all at once", "nothing was asked for",
    ],
)  # fmt: skip
def test_documents_are_all_in_when_each_that_was_asked_for_has_come(
    levels: list[LevelAnswer], came: list[DocumentCame], all_in: datetime | None
) -> None:
    assert all_in_at(levels, came) == all_in
