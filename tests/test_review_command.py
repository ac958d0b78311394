"""``edi-gateway review``: what waits, a reviewer's decision, and what the submitter gets then."""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner, Result

from gateway.cli import app
from parsers import check
from tests.real_time import Answered, Desk
from tests.review_desk import open_review_desk, request
from tests.store_support import another_program

pytestmark = pytest.mark.store

_numbers = itertools.count(1)


@pytest.fixture
async def desk(database_url: str, redis_url: str) -> AsyncIterator[Desk]:
    async with open_review_desk(database_url, redis_url) as desk:
        yield desk


@pytest.fixture
def trace() -> str:
    return f"REV-C{next(_numbers)}"


async def run(desk: Desk, *arguments: str) -> Result:
    environment = {"EDI_GATEWAY_DATABASE_URL": desk.database_url}
    return await asyncio.to_thread(lambda: CliRunner().invoke(app, ("review", *arguments), env=environment))


def reference_of(answer: Answered) -> str:
    """REF NT."""
    return next(line for line in answer.of("REF") if line.startswith("REF*NT*")).removeprefix("REF*NT*")


async def test_a_pended_review_is_listed_with_what_is_due_and_without_its_patient(desk: Desk, trace: str) -> None:
    reference = reference_of(await desk.ask(request(trace=trace, code="72148")))
    listed = await run(desk, "list")
    line = next(each for each in listed.stdout.splitlines() if each.startswith(reference))
    assert "clinic  received 2026-11-21 13:30 EST  due 2026-11-28 13:30 EST" in line
    assert "QUILLFEATHER" not in listed.stdout
    assert "W100000001" not in listed.stdout


async def test_a_review_is_shown_with_its_history_and_due_times(desk: Desk, trace: str) -> None:
    reference = reference_of(await desk.ask(request(trace=trace, code="72148")))
    shown = (await run(desk, "show", reference)).stdout
    assert shown.startswith(f"{reference}  pended")
    assert "request by clinic" in shown
    assert "decision by rules" in shown
    assert "due 2026-11-28 13:30 EST  decision (CMS-0057-F)" in shown
    assert "may be closed (CORE)" in shown
    assert "QUILLFEATHER" not in shown
    assert "QUILLFEATHER" in (await run(desk, "show", reference, "--answer")).stdout


async def test_a_certification_is_told_to_who_asks_again_under_the_same_trace(desk: Desk, trace: str) -> None:
    pended = await desk.ask(request(trace=trace, code="72148"))
    decided = await run(desk, "decide", reference_of(pended), "certified", "--by", "NURSE 7", "--days-valid", "30")
    assert decided.exit_code == 0, decided.output
    answer = await desk.ask(request(trace=trace, code="72148"))
    assert answer.of("HCR")[0].startswith("HCR*A1*A")
    assert answer.of("BHT")[0].endswith("*18")
    assert answer.of("PWK") == []
    assert check(answer.text.encode()).findings == []
    again = await desk.ask(request(trace=trace, code="72148"))
    assert again.segments[2:-2] == answer.segments[2:-2]


async def test_not_certified_needs_a_coded_reason(desk: Desk, trace: str) -> None:
    reference = reference_of(await desk.ask(request(trace=trace, code="72148")))
    refused = await run(desk, "decide", reference, "not certified", "--by", "NURSE 7")
    assert refused.exit_code == 1
    assert "not certified needs a coded reason" in refused.stderr
    assert (await run(desk, "show", reference)).stdout.startswith(f"{reference}  pended")
    assert (await run(desk, "decide", reference, "not certified", "--by", "NURSE 7", "--reason", "0V")).exit_code == 0
    answer = await desk.ask(request(trace=trace, code="72148"))
    assert answer.of("HCR")[0] == "HCR*A3**0V"


async def test_a_review_is_decided_once(desk: Desk, trace: str) -> None:
    reference = reference_of(await desk.ask(request(trace=trace, code="72148")))
    assert (await run(desk, "decide", reference, "certified", "--by", "NURSE 7")).exit_code == 0
    again = await run(desk, "decide", reference, "not certified", "--by", "NURSE 8", "--reason", "0V")
    assert again.exit_code == 1
    assert "the review is not pended" in again.stderr


async def test_a_cancelled_review_is_not_decided_and_waits_no_more(desk: Desk, trace: str) -> None:
    reference = reference_of(await desk.ask(request(trace=trace, code="72148")))
    await desk.ask(request(trace=f"{trace}C", code="", asked="HS*3", earlier=f"REF*NT*{reference}~"))
    refused = await run(desk, "decide", reference, "certified", "--by", "NURSE 7")
    assert refused.exit_code == 1
    assert "the review was cancelled" in refused.stderr
    assert reference not in (await run(desk, "list")).stdout


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("certified", "--service", "9"), "the service is not there or not pended"),
        (("modified",), "modified needs the quantity that is granted"),
        (("modified", "--quantity", "NaN"), "a quantity is not above zero"),
        (("certified", "--days-valid", "999999999"), "a number of days is negative, or more than a hundred years"),
        (("not certified", "--reason", "A~B"), "characters that X12 cannot hold"),
        (("not reviewed", "--reason", "TOO LONG A CODE" * 5), "reason"),
    ],
    ids=["no such service", "no quantity", "no number", "for ever", "delimiter", "reason too long"],
)
async def test_a_decision_that_cannot_be_taken_says_why(
    desk: Desk, trace: str, arguments: tuple[str, ...], reason: str
) -> None:
    reference = reference_of(await desk.ask(request(trace=trace, code="72148")))
    refused = await run(desk, "decide", reference, *arguments, "--by", "NURSE 7")
    assert refused.exit_code == 1
    assert reason in refused.stderr


@pytest.mark.parametrize("arguments", [("show", "R1"), ("decide", "R1", "certified", "--by", "X")])
async def test_a_review_that_is_not_there_is_refused(desk: Desk, arguments: tuple[str, ...]) -> None:
    result = await run(desk, *arguments)
    assert result.exit_code == 1
    assert "there is no such review" in result.stderr


async def test_a_message_with_delimiters_leaves_the_answer_readable(desk: Desk, trace: str) -> None:
    reference = reference_of(await desk.ask(request(trace=trace, code="72148")))
    message = "CALL ~US* AT:ONCE^"
    decided = await run(desk, "decide", reference, "certified", "--by", "NURSE 7", "--message", message)
    assert decided.exit_code == 0, decided.output
    answer = await desk.ask(request(trace=trace, code="72148"))
    assert check(answer.text.encode()).findings == []


async def test_the_history_has_who_decided(desk: Desk, trace: str) -> None:
    reference = reference_of(await desk.ask(request(trace=trace, code="72148")))
    await run(desk, "decide", reference, "certified", "--by", "NURSE 7")
    async with another_program(desk.database_url) as connection:
        makers = await connection.fetchval(
            """
            SELECT array_agg(made_by ORDER BY event_id) FROM edi.review_event JOIN edi.review USING (review_id)
            WHERE administrative_reference = $1
            """,
            reference,
        )
    assert makers == ["clinic", "rules", "NURSE 7"]


async def look(desk: Desk, days: int) -> int:
    """What the clocks close so many days after now."""
    return await desk.gateway.clocks.look(datetime.now(UTC) + timedelta(days=days))


async def test_a_review_whose_documents_never_come_is_closed_by_itself_and_once(desk: Desk, trace: str) -> None:
    await look(desk, 40)
    await desk.ask(request(trace=trace, code="72148"))
    assert await look(desk, 10) == 0
    assert await look(desk, 40) == 1
    assert await look(desk, 40) == 0
    answer = await desk.ask(request(trace=trace, code="72148"))
    assert answer.of("HCR")[0] == "HCR*CT"
    assert answer.of("PER") == ["PER*IC*REVIEW DESK*TE*5550100500"]
    assert answer.of("BHT")[0].endswith("*18")
    assert check(answer.text.encode()).findings == []


async def test_a_review_whose_documents_have_come_is_not_closed_and_has_a_date_for_its_decision(
    desk: Desk, trace: str
) -> None:
    await look(desk, 40)
    reference = reference_of(await desk.ask(request(trace=trace, code="72148")))
    shown = await run(desk, "received", reference, "DMS-4711", "--by", "MAILROOM")
    assert "document by MAILROOM" in shown.stdout
    assert "decision after documents (CORE)" in shown.stdout
    assert "may be closed (CORE)" not in shown.stdout
    assert await look(desk, 40) == 0


async def test_documents_that_came_are_noted_under_a_reference(desk: Desk, trace: str) -> None:
    reference = reference_of(await desk.ask(request(trace=trace, code="72148")))
    refused = await run(desk, "received", reference, "", "--by", "MAILROOM")
    assert (refused.exit_code, "a document has a reference" in refused.stderr) == (1, True)


async def test_gauges_tell_how_many_reviews_wait_and_are_overdue(desk: Desk, trace: str) -> None:
    await look(desk, 40)
    await desk.ask(request(trace=trace, code="72148"))
    await look(desk, 8)
    lines = desk.gateway.metrics.exposition().decode().splitlines()
    figures = dict(line.rsplit(" ", 1) for line in lines if line.startswith("edi_gateway_reviews{"))
    assert float(figures['edi_gateway_reviews{state="waiting"}']) >= 1
    assert float(figures['edi_gateway_reviews{state="overdue"}']) >= 1


async def test_what_is_due_within_a_day_is_warned_of(desk: Desk, trace: str) -> None:
    await look(desk, 40)
    desk.now = datetime.now(UTC).replace(hour=17)
    await desk.ask(request(trace=trace, code="72148", asked="HS*I****U"))
    before = await due_soon(desk, desk.now + timedelta(hours=47))
    assert await due_soon(desk, desk.now + timedelta(hours=49)) == before + 1


async def due_soon(desk: Desk, moment: datetime) -> float:
    """What the gauge tells at a moment."""
    await desk.gateway.clocks.look(moment)
    lines = desk.gateway.metrics.exposition().decode().splitlines()
    return float(next(line for line in lines if line.startswith('edi_gateway_reviews{state="due_soon"}')).split()[-1])


async def test_the_same_decision_made_twice_is_one(desk: Desk, trace: str) -> None:
    reference = reference_of(await desk.ask(request(trace=trace, code="72148")))
    first = await run(desk, "decide", reference, "certified", "--by", "NURSE 7", "--days-valid", "30")
    again = await run(desk, "decide", reference, "certified", "--by", "NURSE 7", "--days-valid", "30")
    assert (again.exit_code, again.stdout) == (0, first.stdout)


async def test_a_reviewer_may_ask_for_documents(desk: Desk, trace: str) -> None:
    reference = reference_of(await desk.ask(request(trace=trace, code="72148")))
    asked = await run(desk, "decide", reference, "pended", "--by", "NURSE 7", "--document", "OX:FX", "--document", "PN")
    assert asked.exit_code == 0, asked.output
    answer = await desk.ask(request(trace=trace, code="72148"))
    assert [wanted.split("*")[1:3] for wanted in answer.of("PWK")] == [["OX", "FX"], ["PN", "EL"]]
    assert check(answer.text.encode()).findings == []


async def test_what_waits_is_what_the_record_says_waits(desk: Desk, trace: str) -> None:
    for number, (code, decisions) in enumerate(
        [
            ("72148", ()),
            ("97110", ()),
            ("72148", ("pended",)),
            ("72148", ("certified",)),
            ("72148", ("pended", "modified")),
        ]
    ):
        answer = await desk.ask(request(trace=f"{trace}-{number}", code=code))
        for decision in decisions:
            options = ("--quantity", "2") if decision == "modified" else ()
            assert (
                await run(desk, "decide", reference_of(answer), decision, "--by", "NURSE 7", *options)
            ).exit_code == 0
    reference = reference_of(await desk.ask(request(trace=f"{trace}-5", code="72148")))
    await desk.ask(request(trace=f"{trace}C", code="", asked="HS*3", earlier=f"REF*NT*{reference}~"))
    async with another_program(desk.database_url) as connection:
        kept = await connection.fetch("SELECT review_id FROM edi.waiting_review ORDER BY review_id")
        told = await connection.fetch(
            "SELECT review_id FROM edi.review WHERE edi.review_waits(review_id) ORDER BY review_id"
        )
    assert kept == told
    assert len(kept) >= 2


async def test_programs_read_what_waits_and_how_a_review_stands_as_json(desk: Desk, trace: str) -> None:
    reference = reference_of(await desk.ask(request(trace=trace, code="72148")))
    [waiting] = [
        each for each in json.loads((await run(desk, "list", "--json")).stdout) if each["reference"] == reference
    ]
    assert (waiting["submitterId"], waiting["dueAt"]) == ("clinic", "2026-11-28T13:30:00-05:00")
    shown = (await run(desk, "show", reference, "--json")).stdout
    assert json.loads(shown)["state"] == "pended"
    assert "QUILLFEATHER" not in shown
    whole = json.loads((await run(desk, "show", reference, "--json", "--answer")).stdout)
    assert whole["patient"]["lastName"] == "QUILLFEATHER"
