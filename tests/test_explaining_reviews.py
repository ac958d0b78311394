"""A review's answer is computed again from its own record, with the rule behind each decision."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from rich.console import Console

from gateway.cli.explain_output import show
from gateway.doors.keys import BearerKeys
from gateway.explaining.explanation import Explanation
from gateway.reviews.desk import verdict_on
from gateway.reviews.note import Message
from gateway.store import administration
from gateway.store.calendars import change_calendar
from gateway.store.loading import load_contracts
from gateway.store.policy_loading import load_review_policies
from gateway.store.review_desk import append_decision, append_note
from rules.facts import Function
from rules.facts.reviews import Outcome, ReviewPolicy, Ruling
from rules.facts.service_hours import Maintenance, MaintenanceKind, ServiceCalendar
from rules.reviews import Verdict
from tests.real_time import NOW, Answered, Desk, envelope, family, inquiry
from tests.review_desk import PAYER_ID, POLICY, TIN, entitle_for_reviews, open_review_desk, request
from tests.store_support import another_program

pytestmark = pytest.mark.store

MARKS = ("QUILLFEATHER", "ODA", "W100000001", "19800131", "1980-01-31")
HOUR = timedelta(hours=1)


@pytest.fixture
async def desk(database_url: str, redis_url: str) -> AsyncIterator[Desk]:
    async with open_review_desk(database_url, redis_url) as desk:
        yield desk


async def explained(desk: Desk, answer: Answered, **options: Any) -> Explanation:
    explanation = await desk.gateway.explainer.explain(f"{answer.control_number:09d}", "clinic", **options)
    assert explanation is not None
    assert explanation.outcome == answer.outcome
    assert explanation.faults == ()
    return explanation


async def decide(desk: Desk, reference: str, ruling: Ruling) -> None:
    configuration = desk.gateway.configuration
    made = verdict_on(Verdict(event=ruling), "NURSE 7", configuration.profile, configuration.zone, desk.now)
    await append_decision(desk.database_url, reference, "NURSE 7", made)


async def change_everything(desk: Desk) -> None:
    """Nothing that the answers before rest on is as it was."""
    await load_contracts(desk.database_url, [family(ends=NOW.date() - timedelta(days=30))])
    await load_review_policies(desk.database_url, [ReviewPolicy("GOLD", otherwise=Ruling(Outcome.NOT_REQUIRED))])
    await administration.revoke(desk.database_url, "clinic", TIN, Function.PRECERTIFICATION, "access manager")


async def restore(desk: Desk) -> None:
    await load_contracts(desk.database_url, [family()])
    await load_review_policies(desk.database_url, [POLICY])
    await entitle_for_reviews(desk.database_url)


@pytest.mark.parametrize(
    ("code", "rule", "source"),
    [
        ("97110", "therapy", "policy GOLD rules[0]"),
        ("15780", "cosmetic", "policy GOLD rules[1]"),
        ("72148", "imaging", "policy GOLD rules[2]"),
        ("99213", "visits", "policy GOLD rules[3]"),
        ("11111", "otherwise", "policy GOLD otherwise"),
    ],
)
async def test_a_decision_is_computed_again_the_same_and_tells_its_rule(
    desk: Desk, code: str, rule: str, source: str
) -> None:
    answer = await desk.ask(request(code=code, trace=f"RULE-{code}"))
    await change_everything(desk)
    explanation = await explained(desk, answer, unmasked=True)
    await restore(desk)
    assert explanation.is_same
    assert [line.rstrip("~") for line in explanation.answer] == [
        line for line in answer.segments if line.split("*")[0] not in ("ISA", "GS", "SE", "GE", "IEA")
    ]
    (patient,) = explanation.patients
    event, service = patient.lines
    assert (event.rule, event.source) == ("services", "what is decided about each of them")
    assert (service.rule, service.source) == (rule, source)
    assert [line.segments[0].rstrip("~") for line in (event, service)] == answer.of("HCR")
    assert patient.match is not None
    assert (patient.asker.tin, patient.asker.function) == (TIN, "precertification")
    assert {"member", "policy", "provider", "entitlement", "calendar", "review"} <= {f.kind for f in explanation.facts}


async def test_the_record_of_the_review_is_told_as_it_was_then(desk: Desk) -> None:
    answer = await desk.ask(request(code="72148", trace="STORY"))
    (reference,) = [line.split("*")[2] for line in answer.of("REF") if line.startswith("REF*NT")]
    await decide(desk, reference, Ruling(Outcome.CERTIFIED))
    explanation = await explained(desk, answer)
    assert explanation.is_same
    assert explanation.review is not None
    assert explanation.review.administrative_reference == reference
    assert (explanation.review.decided_by, explanation.review.is_told_from_file) == ("rules", False)
    assert [(step.kind, step.made_by) for step in explanation.review.history] == [
        ("request", "clinic"),
        ("decision", "rules"),
    ]


async def test_an_answer_told_again_is_the_same_and_says_that_it_is_from_the_file(desk: Desk) -> None:
    await desk.ask(request(trace="AGAIN"))
    again = await desk.ask(request(trace="AGAIN", reference="REF-2", control_number="000000911"))
    await change_everything(desk)
    explanation = await explained(desk, again)
    await restore(desk)
    assert explanation.is_same
    assert explanation.review is not None
    assert explanation.review.is_told_from_file
    (patient,) = explanation.patients
    assert [line.rule for line in patient.lines] == ["services", "therapy"]
    assert patient.match is None


async def test_a_reviewers_decision_is_explained_by_it_and_the_answer_before_by_what_was_known_then(desk: Desk) -> None:
    first = await desk.ask(request(code="72148", trace="NURSE"))
    (reference,) = [line.split("*")[2] for line in first.of("REF") if line.startswith("REF*NT")]
    await decide(desk, reference, Ruling(Outcome.NOT_CERTIFIED, reasons=("0V",), message="SEE QUILLFEATHER"))
    final = await desk.ask(request(code="72148", trace="NURSE", control_number="000000912"))
    before, after = await explained(desk, first), await explained(desk, final)
    assert (before.is_same, after.is_same) == (True, True)
    assert after.review is not None
    assert (after.review.decided_by, [step.kind for step in after.review.history]) == (
        "reviewer",
        ["request", "decision", "decision"],
    )
    (patient,) = after.patients
    assert [line.rule for line in patient.lines] == ["services", "reviewer"]
    assert "QUILLFEATHER" not in msgspec.json.encode(after).decode()
    unmasked = await explained(desk, final, unmasked=True)
    assert unmasked.review is not None
    assert unmasked.review.decided_by == "NURSE 7"
    assert "MSG*SEE QUILLFEATHER~" in unmasked.patients[0].lines[1].segments


async def test_a_cancellation_is_computed_again_though_it_has_cancelled(desk: Desk) -> None:
    certified = await desk.ask(request(trace="CANCEL-1"))
    number = certified.of("HCR")[0].split("*")[2]
    cancelled = await desk.ask(request(trace="CANCEL-2", code="", asked="HS*3", earlier=f"REF*BB*{number}~"))
    explanation = await explained(desk, cancelled)
    assert explanation.is_same
    assert [line.rule for line in explanation.patients[0].lines] == ["cancellation"]


async def test_internal_messages_are_shown_to_operators_only(desk: Desk) -> None:
    pended = await desk.ask(request(code="72148", trace="NOTES"))
    (reference,) = [line.split("*")[2] for line in pended.of("REF") if line.startswith("REF*NT")]
    await append_note(desk.database_url, reference, "NURSE 7", Message("LOOKS ODD", is_internal=True))
    await append_note(desk.database_url, reference, "clinic", Message("THE CHART FOLLOWS"))
    again = await desk.ask(request(code="72148", trace="NOTES", control_number="000000913"))
    masked, unmasked = await explained(desk, again), await explained(desk, again, unmasked=True)
    assert masked.is_same
    assert masked.review is not None
    assert unmasked.review is not None
    assert [step.kind for step in masked.review.history] == ["request", "decision", "message"]
    assert [step.made_by for step in unmasked.review.history] == ["clinic", "rules", "NURSE 7", "clinic"]


async def test_an_extension_of_one_service_is_computed_again(desk: Desk) -> None:
    certified = await desk.ask(request(trace="SERVICE-1"))
    number = certified.of("HCR")[1].split("*")[2]
    asked = request(trace="SERVICE-2").replace(b"~HL*5*4*SS*0~", f"~HL*5*4*SS*0~UM*HS*4~REF*BB*{number}~".encode())
    asked = asked.replace(b"SE*17*", b"SE*19*")
    extended = await desk.ask(asked)
    assert extended.outcome == "278"
    assert f"REF*BB*{number}" in extended.segments
    assert (await explained(desk, extended)).is_same


@pytest.mark.parametrize(
    ("asked", "code", "meaning"),
    [
        ({"member_id": "W999999999"}, "75", "no such subscriber is on file"),
        ({"npi": "1999999992"}, "51", "nobody on file has this identifier"),
        ({"asked": "HS*4"}, "MA", "it is not said which review this one follows"),
        ({"asked": "HS*4", "earlier": "REF*BB*A000999999~"}, "AA", None),
        ({"code": "", "asked": "AR*I"}, "AM", "the date of admission is missing"),
    ],
    ids=["unknown member", "unknown provider", "follows nothing", "follows something unknown", "no admission date"],
)
async def test_a_refusal_is_computed_again_and_says_why(
    desk: Desk, asked: dict[str, str], code: str, meaning: str | None
) -> None:
    answer = await desk.ask(request(trace=f"REFUSED-{code}", **asked))
    explanation = await explained(desk, answer)
    assert (answer.outcome, explanation.is_same) == ("AAA", True)
    (patient,) = explanation.patients
    refusals = [*patient.refusals, *(refusal for line in patient.lines for refusal in line.refusals)]
    assert code in [refusal.code for refusal in refusals]
    assert meaning is None or meaning in [refusal.meaning for refusal in refusals]


async def test_a_trace_used_for_another_request_is_explained(desk: Desk) -> None:
    await desk.ask(request(trace="REUSED"))
    explanation = await explained(desk, await desk.ask(request(trace="REUSED", code="15780")))
    assert explanation.is_same
    assert explanation.patients[0].lines[0].segments[-1] == "MSG*TRACE NUMBER ALREADY USED FOR ANOTHER REQUEST~"


async def test_a_refusal_outside_the_hours_tells_the_hours_of_the_moment_of_receipt(desk: Desk) -> None:
    desk.now = NOW.replace(day=23, hour=4)
    explanation = await explained(desk, await desk.ask(request(trace="CLOSED")))
    assert explanation.is_same
    assert [refusal.code for refusal in explanation.patients[0].refusals] == ["42"]
    hours = explanation.hours
    assert hours is not None
    assert (hours.is_open, hours.reason) == (False, "outside service hours")
    assert hours.window == "Monday 2026-11-23 05:00 to Tuesday 2026-11-24 03:00 EST"
    assert hours.changes_at is not None
    assert hours.changes_at.isoformat() == "2026-11-23T05:00:00-05:00"
    assert explanation.review is None


async def test_within_the_hours_the_window_is_told(desk: Desk) -> None:
    explanation = await explained(desk, await desk.ask(request(trace="OPEN")))
    assert explanation.hours is not None
    assert explanation.hours.is_open
    assert explanation.hours.window == "Saturday 2026-11-21 05:00 to Sunday 2026-11-22 03:00 EST"


@pytest.mark.parametrize("asked", [inquiry(), request(trace="MAINTENANCE")], ids=["270", "278"])
async def test_a_refusal_in_maintenance_stays_the_same_when_that_is_over(desk: Desk, asked: bytes) -> None:
    window = Maintenance(NOW - HOUR, NOW + HOUR, "UPGRADE", MaintenanceKind.EMERGENCY, NOW)

    def close(calendar: ServiceCalendar) -> ServiceCalendar:
        return replace(calendar, maintenance=(window,))

    await change_calendar(desk.database_url, PAYER_ID, close)
    answer = await desk.ask(asked)
    await change_calendar(desk.database_url, PAYER_ID, lambda calendar: replace(calendar, maintenance=()))
    explanation = await explained(desk, answer)
    assert explanation.is_same
    assert explanation.hours is not None
    assert (explanation.hours.reason, explanation.hours.detail) == ("maintenance", "UPGRADE")
    assert explanation.hours.window == "Saturday 2026-11-21 12:30 to Saturday 2026-11-21 14:30 EST"


async def answered_together(desk: Desk, *requests: bytes) -> Answered:
    """The answer to several requests that come in one interchange, as a batch may."""
    sets = [each.decode().partition("ST*")[2].partition("GE*")[0] for each in requests]
    numbered = [f"ST*{each.replace('*0001', f'*{number:04d}')}" for number, each in enumerate(sets, 1)]
    credential = await BearerKeys(desk.gateway.facts).authenticate(f"Bearer {desk.key}".encode())
    data = envelope("".join(numbered), guide="005010X217", kind="HI")
    reply = await desk.gateway.pipeline.answer_batched(data, credential, desk.now)
    return Answered(reply.outcome, reply.body.decode())


@pytest.mark.parametrize(
    "order", [("new", "old"), ("old", "new"), ("old", "new", "old", "new"), ("refused", "old", "new")], ids="-".join
)
async def test_new_requests_and_repeated_ones_of_one_interchange_are_computed_again_the_same(
    desk: Desk, order: tuple[str, ...]
) -> None:
    requests = []
    for number, kind in enumerate(order):
        asked = request(trace=f"MIXED-{'-'.join(order)}-{number}", code="97110" if kind == "new" else "15780")
        if kind == "old":
            await desk.ask(asked)
        requests.append(request(npi="1999999992") if kind == "refused" else asked)
    desk.now += HOUR
    answer = await answered_together(desk, *requests)
    explanation = await explained(desk, answer)
    assert explanation.is_same
    rules = {"new": ["services", "therapy"], "old": ["services", "cosmetic"], "refused": []}
    assert [[line.rule for line in each.lines] for each in explanation.patients] == [rules[kind] for kind in order]
    assert [each.match is not None for each in explanation.patients] == [kind == "new" for kind in order]


async def test_a_replayed_review_leaves_no_trace_on_record(desk: Desk) -> None:
    answer = await desk.ask(request(trace="ONCE"))
    for _ in range(3):
        await explained(desk, answer)
    again = await desk.ask(request(trace="ONCE"))
    assert again.of("HCR") == answer.of("HCR")


async def test_masked_explanations_of_reviews_name_nobody(desk: Desk) -> None:
    for asked in (request(trace="MASKED"), request(trace="MASKED-2", member_id="W100000001X"), request(code="72148")):
        explanation = await explained(desk, await desk.ask(asked))
        console = Console(record=True, width=200, file=None, quiet=False, soft_wrap=True)
        with console.capture():
            show(explanation, console)
        told = msgspec.json.encode(explanation).decode() + repr(explanation) + console.export_text()
        assert not [mark for mark in MARKS if re.search(rf"\b{mark}\b", told)], asked


async def test_what_would_be_answered_can_be_asked_of_reviews_too(desk: Desk) -> None:
    before = await desk.ask(request(trace="AS-OF"))
    draft = await desk.gateway.explainer.answer_as_of(
        request(trace="AS-OF-2", code="99213"), desk.gateway.configuration, NOW + 24 * HOUR, NOW
    )
    assert draft is not None
    assert next(line.replace("\x1d", "*") for line in draft.segments if line.startswith("HCR")) == "HCR*NA"
    assert before.outcome == draft.outcome == "278"


async def test_answers_given_while_connections_to_postgresql_are_cut_are_computed_again_the_same(desk: Desk) -> None:
    async def cut() -> None:
        async with another_program(desk.database_url) as connection:
            for _ in range(6):
                await asyncio.sleep(0.03)
                await connection.execute(
                    """
                    SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()
                        AND pid <> pg_backend_pid() AND query ~ 'file_review|review_number|review_document'
                    """
                )

    cutting = asyncio.create_task(cut())
    asked = [request(trace=f"CUT-{number}") for number in range(40)]
    answers = await asyncio.gather(*map(desk.ask, asked), return_exceptions=True)
    await cutting
    given = [each for each in answers if isinstance(each, Answered)]
    assert given
    assert {each.outcome for each in given} <= {"278", "AAA"}
    assert [each for each in given if not (await explained(desk, each)).is_same] == []
