"""The parts of reviewing that no table of cases shows: placement, identity, clocks, verdicts and policies refused."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from edi.aaa import FollowUpAction, RejectReason
from edi.eligibility import Trace
from edi.errors import CallerError
from edi.services_review import ReviewRequest
from edi.services_review_answer import Decision, ReviewAnswer, ReviewRejection
from edi.services_review_codes import CertificationAction, LevelOfService, RequestCategory, ReviewLoop
from rules.facts.reviews import CodeRange, Condition, Outcome, ReviewPolicy, ReviewRule, Ruling, WantedDocument
from rules.facts.service_hours import DEFAULT_CALENDAR, SpecialDay
from rules.reviews import (
    Grant,
    PolicyFault,
    Repetition,
    Verdict,
    VerdictFault,
    close_review,
    compare,
    due_times,
    find_policy_problems,
    find_verdict_faults,
    identity_of,
    is_urgent,
    refuse_reused_trace,
)
from rules.reviews.matching import is_in
from tests.review_tables import answer, read_request, read_tables, told

BOOK, CASES = read_tables()
BY_NAME = {case.name: case for case in CASES}
NEW_YORK = ZoneInfo("America/New_York")


def request_of(name: str) -> ReviewRequest:
    return read_request(BY_NAME[name])


ADMISSION = request_of(
    "A stay in hospital is certified with its number, its day of issue, its expiry and the days it is for"
)
CANCELLATION = request_of("A cancellation is confirmed under the number that it cancels")
CORRECT = FollowUpAction.CORRECT_AND_RESEND


# what cannot be made


@pytest.mark.parametrize(
    ("loop", "reason", "action", "which"),
    [
        (ReviewLoop.EVENT, RejectReason.SUBSCRIBER_NOT_FOUND, CORRECT, ()),
        (ReviewLoop.SOURCE, RejectReason.CANNOT_RESPOND_NOW, CORRECT, ()),
        (ReviewLoop.EVENT, RejectReason.INPUT_ERROR, CORRECT, (0,)),
        (ReviewLoop.SERVICE, RejectReason.INPUT_ERROR, CORRECT, ()),
        (ReviewLoop.SERVICE_PROVIDER, RejectReason.PROVIDER_ID, CORRECT, (0,)),
    ],
)
def test_an_aaa_that_its_loop_does_not_allow_cannot_be_made(
    loop: ReviewLoop, reason: RejectReason, action: FollowUpAction, which: tuple[int, ...]
) -> None:
    with pytest.raises(CallerError):
        ReviewRejection(loop, reason, action, which)


def test_aaa01_says_that_a_request_was_valid_at_2000a_only() -> None:
    at_payer = (RejectReason.CANNOT_RESPOND_NOW, FollowUpAction.RESEND_AS_IT_WAS)
    ReviewRejection(ReviewLoop.SOURCE_LEVEL, *at_payer, request_valid=True)
    with pytest.raises(CallerError):
        ReviewRejection(ReviewLoop.SOURCE, *at_payer, request_valid=True)


def test_an_answer_cannot_reach_the_event_and_say_nothing_of_it() -> None:
    decided = answer(BY_NAME["No diagnosis"], BOOK)
    with pytest.raises(CallerError):
        replace(decided, rejections=())
    with pytest.raises(CallerError):
        replace(decided, subscriber=None)
    with pytest.raises(CallerError):
        ReviewAnswer(ADMISSION)


def test_a_decision_has_at_most_five_reasons() -> None:
    with pytest.raises(CallerError):
        Decision(CertificationAction.NOT_CERTIFIED, reasons=tuple("123456"))


def test_dates_are_written_in_the_order_of_the_guide() -> None:
    decided = answer(BY_NAME["An emergency is certified for three days whatever its diagnosis"], BOOK)
    assert decided.event is not None
    backwards = replace(decided, event=replace(decided.event, dates=decided.event.dates[::-1]))
    assert told(backwards) == told(decided)


# the same request


def test_the_same_content_is_the_same_request_whatever_the_submission_is_called() -> None:
    again = replace(ADMISSION, control_number="0099", reference="REV-2")
    assert compare(identity_of("S-1", ADMISSION), identity_of("S-1", again)) is Repetition.SAME


def test_other_content_under_a_used_trace_is_told_from_the_same_request() -> None:
    event = ADMISSION.events[0]
    for other in (
        replace(event, message="PLEASE"),
        replace(event, clinical=()),
        replace(event, providers=event.providers[:0]),
        replace(event, delivery=None),
        replace(event, review=replace(event.review, conditions=())),
    ):
        asked = replace(ADMISSION, events=(other,))
        assert compare(identity_of("S-1", ADMISSION), identity_of("S-1", asked)) is Repetition.TRACE_REUSED


def test_a_reservation_is_not_the_request_without_one() -> None:
    known = identity_of("S-1", ADMISSION)
    assert compare(known, identity_of("S-1", replace(ADMISSION, purpose="RU"))) is Repetition.TRACE_REUSED


def test_the_same_traces_in_another_order_are_the_same_traces() -> None:
    event = ADMISSION.events[0]
    traces = (*event.traces, Trace("1", "CLEARING-1", "9CLEARING1"))
    one, other = (replace(ADMISSION, events=(replace(event, traces=each),)) for each in (traces, traces[::-1]))
    assert identity_of("S-1", one).trace == identity_of("S-1", other).trace


def test_another_submitter_or_trace_makes_another_request() -> None:
    event = ADMISSION.events[0]
    renamed = replace(ADMISSION, events=(replace(event, traces=(replace(event.traces[0], number="EVENT-2"),)),))
    known = identity_of("S-1", ADMISSION)
    assert compare(known, identity_of("S-2", ADMISSION)) is Repetition.OTHER
    assert compare(known, identity_of("S-1", renamed)) is Repetition.OTHER


def test_a_cancellation_under_the_trace_of_its_admission_is_another_request() -> None:
    assert ADMISSION.events[0].traces == CANCELLATION.events[0].traces
    assert compare(identity_of("S-1", ADMISSION), identity_of("S-1", CANCELLATION)) is Repetition.OTHER


def test_without_a_trace_the_submission_s_reference_stands_for_it() -> None:
    plain = replace(ADMISSION, events=(replace(ADMISSION.events[0], traces=()),))
    known = identity_of("S-1", plain)
    assert compare(known, identity_of("S-1", plain)) is Repetition.SAME
    assert compare(known, identity_of("S-1", replace(plain, reference="REV-2"))) is Repetition.OTHER


def test_an_identity_shows_nothing_of_the_request() -> None:
    identity = identity_of("S-1", ADMISSION)
    assert len(identity.trace) == len(identity.content) == 64
    assert set(identity.trace + identity.content) <= set("0123456789abcdef")


def test_a_reused_trace_is_refused_and_says_so() -> None:
    lines = told(refuse_reused_trace(ADMISSION))
    assert lines[lines.index("EV") :] == [
        "EV",
        "TRN*2*EVENT-1*9SUBMITTER",
        "AAA*N**33*C",
        "UM*AR*I*2*21:B**E",
        "HI*ABK:I2510:D8:20260520*ABF:E119",
        "MSG*TRACE NUMBER ALREADY USED FOR ANOTHER REQUEST",
        "NM1*FA*2*HARBOR GENERAL HOSPITAL*****XX*1999999976",
        "N3*12 QUAY STREET",
        "N4*PORTLAND*ME*04101",
    ]


# clocks

RECEIVED = datetime(2026, 7, 1, 16, 30, tzinfo=NEW_YORK)
"""A Wednesday."""
CALENDAR = replace(DEFAULT_CALENDAR, special_days=(SpecialDay(date(2026, 7, 3), "Independence Day observed"),))
STANDARD = ADMISSION.events[0]
URGENT = replace(STANDARD, review=replace(STANDARD.review, level=LevelOfService.URGENT))


def test_a_standard_request_is_due_in_7_days_and_documents_are_asked_for_within_2_business_days() -> None:
    due = due_times(STANDARD, CALENDAR, RECEIVED)
    assert due.decision.isoformat() == "2026-07-08T16:30:00-04:00"
    assert due.ask is not None
    assert due.ask.isoformat() == "2026-07-07T00:00:00-04:00"
    assert (due.after_documents, due.close, due.next) == (None, None, due.ask)


def test_an_urgent_request_is_due_in_72_hours_and_core_s_days_do_not_count() -> None:
    due = due_times(URGENT, CALENDAR, RECEIVED, asked_at=RECEIVED)
    assert due.decision - RECEIVED == timedelta(hours=72)
    assert (due.ask, due.after_documents, due.close) == (None, None, None)


def test_a_day_of_the_clocks_change_does_not_make_the_hours_fewer() -> None:
    received = datetime(2026, 3, 7, 12, tzinfo=NEW_YORK)
    due = due_times(URGENT, CALENDAR, received).decision
    assert due.astimezone(UTC) - received.astimezone(UTC) == timedelta(hours=72)
    assert due.isoformat() == "2026-03-10T13:00:00-04:00"


def test_documents_that_are_in_start_the_last_2_business_days() -> None:
    due = due_times(STANDARD, CALENDAR, RECEIVED, asked_at=RECEIVED, complete_at=RECEIVED + timedelta(days=1))
    assert due.after_documents is not None
    assert due.after_documents.isoformat() == "2026-07-08T00:00:00-04:00"
    assert due.close is None
    assert due.next == due.after_documents


def test_documents_that_do_not_come_close_the_request_after_15_business_days() -> None:
    due = due_times(STANDARD, CALENDAR, RECEIVED, asked_at=RECEIVED)
    assert due.close is not None
    assert due.close.isoformat() == "2026-07-24T00:00:00-04:00"
    assert (due.ask, due.next) == (None, due.decision)


def test_core_s_days_do_not_count_for_a_referral() -> None:
    referral = replace(STANDARD, review=replace(STANDARD.review, category=RequestCategory.SPECIALTY_CARE), services=())
    due = due_times(referral, CALENDAR, RECEIVED, asked_at=RECEIVED)
    assert (due.ask, due.after_documents, due.close, due.next) == (None, None, None, due.decision)


def test_an_urgent_service_makes_the_event_urgent() -> None:
    two = request_of("An admission and its service are certified under one number").events[0]
    review = replace(two.review, level=LevelOfService.EMERGENCY)
    assert not is_urgent(two)
    assert is_urgent(replace(two, services=(replace(two.services[0], review=review),)))


# verdicts

ALONE = answer(BY_NAME["A long stay is pended and waits for documents, by kind and by LOINC code"], BOOK)
ONE_OF_TWO = answer(BY_NAME["One pended service pends the event, the other keeps its certification"], BOOK)
CERTIFIED = Ruling(Outcome.CERTIFIED)
REFUSED = Ruling(Outcome.NOT_CERTIFIED, ("0V",))
VERDICTS: dict[str, tuple[ReviewAnswer, Verdict, list[VerdictFault]]] = {
    "nothing is pended": (
        answer(BY_NAME["An office visit needs no review"], BOOK),
        Verdict(CERTIFIED),
        [VerdictFault.NOT_PENDED],
    ),
    "an event that was refused": (
        answer(BY_NAME["No diagnosis"], BOOK),
        Verdict(CERTIFIED),
        [VerdictFault.NOT_PENDED],
    ),
    "a service that is decided": (
        ONE_OF_TWO,
        Verdict(services={0: CERTIFIED, 1: CERTIFIED}),
        [VerdictFault.SERVICE_NOT_PENDED],
    ),
    "a service that is not there": (
        ONE_OF_TWO,
        Verdict(CERTIFIED, {7: CERTIFIED}),
        [VerdictFault.SERVICE_NOT_PENDED],
    ),
    "nothing decided": (ONE_OF_TWO, Verdict(), [VerdictFault.SERVICE_LEFT_OUT]),
    "an event left out": (ALONE, Verdict(), [VerdictFault.SERVICE_LEFT_OUT]),
    "no reason": (ALONE, Verdict(Ruling(Outcome.NOT_CERTIFIED)), [VerdictFault.REASON_MISSING]),
    "no reason for a service": (
        ONE_OF_TWO,
        Verdict(services={1: Ruling(Outcome.NOT_CERTIFIED)}),
        [VerdictFault.REASON_MISSING],
    ),
    "too many reasons": (
        ALONE,
        Verdict(Ruling(Outcome.NOT_CERTIFIED, tuple("123456"))),
        [VerdictFault.TOO_MANY_REASONS],
    ),
    "no quantity": (ALONE, Verdict(Ruling(Outcome.MODIFIED)), [VerdictFault.QUANTITY_MISSING]),
    "a verdict that can be taken": (ALONE, Verdict(REFUSED), []),
    "a verdict about the one that is pended": (ONE_OF_TWO, Verdict(services={1: REFUSED}), []),
}


@pytest.mark.parametrize("name", VERDICTS)
def test_a_verdict_is_refused_with_everything_that_is_wrong(name: str) -> None:
    pended, verdict, faults = VERDICTS[name]
    assert list(find_verdict_faults(pended, verdict)) == faults


def test_each_fault_of_a_verdict_is_in_the_table() -> None:
    assert {fault for _, _, faults in VERDICTS.values() for fault in faults} == set(VerdictFault)


def test_a_review_for_which_nothing_came_is_closed_with_its_reason() -> None:
    grant = Grant("AUTH2", "ADMIN1", date(2026, 7, 1))
    closed = close_review(ONE_OF_TWO, Ruling(Outcome.NOT_CERTIFIED, ("0U",), "NOTHING CAME IN 15 BUSINESS DAYS"), grant)
    lines = told(closed)
    assert "HCR*A2*AUTH2*0U" in lines
    assert "HCR*A3**0U" in lines
    assert "MSG*NOTHING CAME IN 15 BUSINESS DAYS" in lines
    assert closed.is_final
    assert not any(line.startswith(("PWK", "REF*NT", "NM1*L5")) for line in lines)


def test_answers_survive_json() -> None:
    for case in CASES:
        decided = answer(case, BOOK)
        assert msgspec.json.decode(msgspec.json.encode(decided), type=ReviewAnswer) == decided


# policies


def policy(ruling: Ruling, *rules: ReviewRule, **values: Any) -> ReviewPolicy:
    return ReviewPolicy("GOLD", rules, ruling, **values)


def rule(name: str, **values: Any) -> ReviewRule:
    return ReviewRule(name, Condition(**values), CERTIFIED)


PENDED = Ruling(Outcome.PENDED)
POLICIES: dict[str, tuple[ReviewPolicy, list[str]]] = {
    "two rules of one name": (policy(PENDED, rule("a"), rule("b"), rule("a")), ["rules[2]: RULE_TWICE"]),
    "a range backwards": (
        policy(PENDED, rule("a", procedures=(CodeRange("72158", "72141"),))),
        ["rules[0]: RANGE_BACKWARDS"],
    ),
    "no reason": (policy(Ruling(Outcome.NOT_CERTIFIED)), ["otherwise: REASON_MISSING"]),
    "an empty reason": (policy(Ruling(Outcome.NOT_CERTIFIED, ("",))), ["otherwise: REASON_NOT_VALID"]),
    "a long reason": (policy(Ruling(Outcome.PENDED, ("X" * 31,))), ["otherwise: REASON_NOT_VALID"]),
    "a reason with a delimiter": (policy(Ruling(Outcome.PENDED, ("A*B",))), ["otherwise: REASON_NOT_VALID"]),
    "six reasons": (policy(Ruling(Outcome.PENDED, tuple("123456"))), ["otherwise: TOO_MANY_REASONS"]),
    "a modification of nothing": (policy(Ruling(Outcome.MODIFIED)), ["otherwise: QUANTITY_MISSING"]),
    "a quantity below nothing": (
        policy(Ruling(Outcome.MODIFIED, quantity_max=Decimal(-1))),
        ["otherwise: QUANTITY_NOT_VALID"],
    ),
    "no number of anything": (
        policy(Ruling(Outcome.MODIFIED, quantity_max=Decimal("NaN"))),
        ["otherwise: QUANTITY_NOT_VALID"],
    ),
    "more than an element holds": (
        policy(Ruling(Outcome.MODIFIED, quantity_max=Decimal("1E+20"))),
        ["otherwise: QUANTITY_NOT_VALID"],
    ),
    "a long message": (policy(Ruling(Outcome.PENDED, message="X" * 265)), ["otherwise: MESSAGE_TOO_LONG"]),
    "an unknown document": (
        policy(Ruling(Outcome.PENDED, documents=(WantedDocument("??"),))),
        ["otherwise: DOCUMENT_UNKNOWN"],
    ),
    "a document by pigeon": (
        policy(Ruling(Outcome.PENDED, documents=(WantedDocument("OB", "ZZ"),))),
        ["otherwise: DOCUMENT_UNKNOWN"],
    ),
    "a document described at length": (
        policy(Ruling(Outcome.PENDED, documents=(WantedDocument("OB", description="X" * 81),))),
        ["otherwise: DESCRIPTION_TOO_LONG"],
    ),
    "no LOINC code": (
        policy(Ruling(Outcome.PENDED, documents=(WantedDocument("OB", loinc="11506"),))),
        ["otherwise: LOINC_NOT_VALID"],
    ),
    "eleven documents": (
        policy(Ruling(Outcome.PENDED, documents=(WantedDocument("OB"),) * 11)),
        ["otherwise: TOO_MANY_DOCUMENTS"],
    ),
    "days that go back": (
        policy(Ruling(Outcome.CERTIFIED, days_valid=-1), days_back=-1),
        ["days_back: DAYS_NOT_VALID", "otherwise: DAYS_NOT_VALID"],
    ),
    "days past all calendars": (
        policy(Ruling(Outcome.CERTIFIED, days_valid=10**9), days_back=36_501),
        ["days_back: DAYS_NOT_VALID", "otherwise: DAYS_NOT_VALID"],
    ),
    "nothing wrong": (
        policy(
            PENDED,
            rule("a", diagnoses=(CodeRange("I20", "I25.9"),)),
            rule("b", procedures=(CodeRange("7055", "7055"),)),
        ),
        [],
    ),
}


@pytest.mark.parametrize("name", POLICIES)
def test_a_policy_is_refused_with_everything_that_is_wrong(name: str) -> None:
    value, problems = POLICIES[name]
    assert [f"{problem.where}: {problem.fault.name}" for problem in find_policy_problems(value)] == problems


def test_each_fault_of_a_policy_is_in_the_table() -> None:
    seen = {text.partition(": ")[2] for _, problems in POLICIES.values() for text in problems}
    assert seen == set(PolicyFault.__members__)


@pytest.mark.parametrize(
    ("first", "last", "code", "inside"),
    [
        ("I20", "I25", "I2510", True),
        ("I20", "I25", "I25", True),
        ("I20", "I25", "I260", False),
        ("I20.1", "I25.9", "I2510", True),
        ("i20", "i25", "I21", True),
        ("I20", "I25", "I2", False),
        ("72141", "72158", "72148", True),
        ("72141", "72158", "72159", False),
        ("7055", "7055", "70553", True),
        ("7055", "7055", "70560", False),
        ("7055", "7055", "", False),
    ],
)
def test_a_code_is_in_a_range_when_it_begins_within_it(first: str, last: str, code: str, inside: bool) -> None:
    assert is_in(CodeRange(first, last), "HC", code) is inside


def test_a_range_of_one_code_list_holds_no_codes_of_another() -> None:
    assert is_in(CodeRange("D0", "D9", ("AD",)), "AD", "D2750")
    assert not is_in(CodeRange("D0", "D9", ("AD",)), "HC", "D2750")


def test_a_policy_survives_json() -> None:
    for each in BOOK.policies:
        assert msgspec.json.decode(msgspec.json.encode(each), type=ReviewPolicy) == each


def test_nothing_that_identifies_a_patient_shows_in_a_repr() -> None:
    secrets = ("ROWAN", "ALICE", "BEN", "HHP0", "19800214", "1980, 2, 14", "FERRY", "I2510", "COLE", "DUNN", "PAT-77")
    for case in CASES:
        shown = repr(answer(case, BOOK))
        assert not [secret for secret in secrets if secret in shown]
