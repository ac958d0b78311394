"""Whatever is asked and whatever the plan's rules are: the answer is accepted, the same again, and never in pieces."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edi.aaa import FollowUpAction, RejectReason
from edi.delimiters import STANDARD
from edi.envelope import Address, Group, InterchangeHeader, write_interchange
from edi.services_review import (
    ReviewRequest,
)
from edi.services_review_answer import ReviewAnswer
from edi.services_review_codes import (
    ReviewLoop,
)
from edi.writing import delimited
from edi.writing_278 import FUNCTIONAL_IDENTIFIER, GUIDE
from edi.writing_278_request import write_review_request
from parsers import check
from parsers.frames import TransactionSet
from parsers.services_review import read_services_review
from rules.facts.reviews import Outcome, ReviewPolicy, Ruling
from rules.reviews import Grant, Verdict, conclude_review, identity_of
from tests.generated_reviews import (
    MOMENT,
    POLICIES,
    REJECTIONS,
    REQUESTS,
    RULINGS,
    SOUND_REQUESTS,
    TODAY,
    all_answers,
    decide,
)
from tests.guide_support import judge
from tests.review_support import response_maps
from tests.review_tables import interchange

maps = pytest.fixture(scope="module")(response_maps)


def is_accepted(answered: ReviewAnswer, maps: Path) -> bool:
    text = interchange(answered)
    return judge(text, maps).faults == () and check(text.encode()).accepted


SLOW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@SLOW
@given(request=REQUESTS)
def test_a_request_is_accepted_and_read_back_as_it_was(request: ReviewRequest) -> None:
    written = write_review_request(request, MOMENT)
    group = Group(FUNCTIONAL_IDENTIFIER, "S-1", "PAYER01", GUIDE, (written,))
    header = InterchangeHeader(Address("ZZ", "S-1"), Address("ZZ", "PAYER01"), MOMENT, 1)
    report = check(write_interchange(header, (group,)))
    assert report.accepted
    segments = [*delimited(written).decode().split("~")[:-1], "SE*0*0001"]
    read = read_services_review(TransactionSet([line.split("*") for line in segments], segments, 1, 0), STANDARD)
    assert read == request
    assert identity_of("S-1", read) == identity_of("S-1", request)


@SLOW
@given(request=REQUESTS, policy=POLICIES, verdict=RULINGS)
def test_every_decision_is_accepted_and_so_is_what_a_reviewer_makes_of_it(
    maps: Path, request: ReviewRequest, policy: ReviewPolicy, verdict: Ruling
) -> None:
    decided = decide(request, policy)
    assert is_accepted(decided, maps)
    assert decided == decide(request, policy)
    if not decided.is_final:
        concluded = conclude_review(decided, Verdict(verdict), Grant("AUTH2", "ADMIN1", TODAY))
        assert is_accepted(concluded, maps)
        assert concluded.is_final is (verdict.outcome is not Outcome.PENDED)


@settings(SLOW, max_examples=20)
@given(request=st.one_of(REQUESTS, SOUND_REQUESTS), policy=POLICIES, ruling=RULINGS, wanted=REJECTIONS)
def test_whatever_is_said_to_a_request_is_accepted(
    maps: Path,
    request: ReviewRequest,
    policy: ReviewPolicy,
    ruling: Ruling,
    wanted: list[tuple[ReviewLoop, RejectReason, FollowUpAction]],
) -> None:
    for kind, answered in all_answers(request, policy, ruling, wanted):
        assert is_accepted(answered, maps), kind
