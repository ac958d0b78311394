"""JSON decisions against the 278s that follow from them: refused by field, or told as the guide has it."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edi.envelope import Address, Group, InterchangeHeader, write_interchange
from edi.services_review_answer import ReviewAnswer
from edi.services_review_codes import CertificationAction
from edi.writing_278 import FUNCTIONAL_IDENTIFIER, GUIDE
from gateway.doors.refusals import Refused
from gateway.doors.reviews.decision import FIELDS, NOT_ANY_MORE, read_decision, refused_verdict
from gateway.reviews.decision import KeptDecision, decode_decision
from gateway.reviews.desk import Obstacle, VerdictRefused, verdict_on
from gateway.store.review_desk import ReviewRecord, Step
from parsers import check
from rules.facts import PayerProfile
from rules.facts.reviews import Outcome
from rules.reviews import PolicyFault, VerdictFault
from tests.review_tables import answer, read_tables

BOOK, CASES = read_tables()
BY_NAME = {case.name: case for case in CASES}
MOMENT = datetime(2026, 7, 1, 16, 30, tzinfo=UTC)
PROFILE = PayerProfile("EXAMPLE HEALTH PLAN", "99999", "990000000")


def pended(name: str) -> ReviewRecord:
    """A case of the tables as the record has it."""
    told = answer(BY_NAME[name], BOOK)
    kept = KeptDecision(CertificationAction.PENDED, "", "TRACE", (), replace(told, trace="TRACE"))
    history = (Step("request", "clinic", MOMENT), Step("decision", "rules", MOMENT))
    return ReviewRecord(7, "clinic", "A000000007", "R000000007", MOMENT, MOMENT, kept, history)


RECORDS = (
    pended("A long stay is pended and waits for documents, by kind and by LOINC code"),
    pended("One pended service pends the event, the other keeps its certification"),
)
DOCUMENT = st.fixed_dictionaries(
    {"reportType": st.sampled_from(["OB", "PN", "??"])},
    optional={"transmission": st.sampled_from(["FX", "ZZ"]), "description": st.text(max_size=90)},
)
RULING: dict[str, st.SearchStrategy[Any]] = {
    "reasons": st.lists(st.sampled_from(["0V", "0U", "A*B", "", "X" * 31]), max_size=6),
    "message": st.text(max_size=270),
    "quantity": st.sampled_from(["", "1", "2.5", "0", "-1", "999999999999999", "0.000001"]),
    "daysValid": st.sampled_from([None, 0, 90, -1, 36_501]),
    "secondOpinion": st.sampled_from([None, True, False]),
    "documents": st.lists(DOCUMENT, max_size=11),
}
GOOD: dict[str, dict[str, Any]] = {
    Outcome.CERTIFIED: {},
    Outcome.MODIFIED: {"quantity": "2"},
    Outcome.NOT_CERTIFIED: {"reasons": ["0V"]},
    Outcome.PENDED: {},
    Outcome.NOT_REQUIRED: {},
    Outcome.CONTACT_PAYER: {},
    Outcome.NOT_REVIEWED: {},
}
"""What each decision needs."""
CHANGE = st.sampled_from(sorted(RULING)).flatmap(lambda name: st.tuples(st.just(name), RULING[name]))
DECIDED = st.builds(
    lambda decision, changes: {"decision": decision, **GOOD[decision], **dict(changes)},
    st.sampled_from(sorted(GOOD)),
    st.lists(CHANGE, max_size=1),
)
SERVICE = st.builds(lambda decided, service: {**decided, "service": service}, DECIDED, st.integers(1, 3))
BODY = st.one_of(
    DECIDED,
    st.builds(lambda decided, services: {**decided, "services": services}, DECIDED, st.lists(SERVICE, max_size=2)),
    st.builds(lambda services: {"services": services}, st.lists(SERVICE, max_size=2)),
)


def refused_by_field(refused: Refused) -> bool:
    assert refused.document is not None
    told = orjson.loads(refused.document.body)
    return told["status"] == 422 and all(fault["field"] for fault in told["errors"])


def decided(held: ReviewRecord, body: dict[str, Any]) -> ReviewAnswer | Refused:
    """The answer that a decision makes of a review."""
    try:
        decide = verdict_on(read_decision(orjson.dumps(body)), "NURSE 7", PROFILE, ZoneInfo("America/New_York"), MOMENT)
        document = decide(held)
    except VerdictRefused as refused:
        return refused_verdict(refused)
    except Refused as refused:
        return refused
    assert document is not None
    kept = decode_decision(document)
    check_response(kept)
    return kept.answer


def check_response(kept: KeptDecision) -> None:
    """What is sent is a 278 that its guide accepts."""
    group = Group(FUNCTIONAL_IDENTIFIER, "99999", "RIVERBEND", GUIDE, (kept.segments,))
    header = InterchangeHeader(Address("ZZ", "EDIGATEWAY"), Address("ZZ", "RIVERBEND"), MOMENT, 1)
    assert check(write_interchange(header, (group,))).findings == []


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(RECORDS), BODY)
def test_whatever_a_reviewer_says_is_refused_by_field_or_told_in_a_278_that_its_guide_accepts(
    held: ReviewRecord, body: dict[str, Any]
) -> None:
    told = decided(held, body)
    assert not isinstance(told, Refused) or refused_by_field(told)


@pytest.mark.parametrize("fault", [*PolicyFault, *VerdictFault, *Obstacle], ids=lambda fault: f"{fault.name}")
def test_every_fault_of_a_decision_is_about_a_field_or_about_the_review(fault: str) -> None:
    of_policies_alone = {PolicyFault.RULE_TWICE, PolicyFault.RANGE_BACKWARDS}
    assert fault in FIELDS or fault in NOT_ANY_MORE or fault in of_policies_alone
