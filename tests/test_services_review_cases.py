"""Every row of the tables of review cases, each answer also held to pyx12 with our guide, and to our check."""

from pathlib import Path

import pytest

from edi.aaa import RejectReason
from edi.services_review_codes import CertificationAction
from parsers import check
from rules.reviews import find_policy_problems
from tests.case_tables import find_run, runs
from tests.guide_support import judge
from tests.review_support import response_maps
from tests.review_tables import ReviewCase, answer, interchange, read_tables, told

REASONS = (
    *("04", "15", "33", "41", "42", "43", "50", "51", "52", "56", "57", "58", "60", "61", "62", "65", "66", "67", "68"),
    *("71", "72", "73", "74", "75", "76", "78", "79", "95", "AA", "AF", "AG", "AM", "AN", "CI", "MA"),
)
BOOK, CASES = read_tables()

maps = pytest.fixture(scope="module")(response_maps)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_case_is_answered_as_its_row_says(case: ReviewCase, maps: Path) -> None:
    answered = answer(case, BOOK)
    lines = told(answered)
    position = 0
    for run in runs(case.tells):
        found = find_run(run, lines, position)
        assert found is not None, (run, lines)
        position = found
    assert not [line for line in lines if line.startswith(case.never)]
    assert answered.is_final is not case.more_to_come
    text = interchange(answered)
    assert judge(text, maps).faults == ()
    assert check(text.encode()).accepted


def test_the_tables_have_at_least_80_cases_with_names_of_their_own() -> None:
    assert len({case.name for case in CASES}) == len(CASES) >= 80


def test_the_policies_of_the_tables_have_no_problem() -> None:
    assert [find_policy_problems(policy) for policy in BOOK.policies] == [()] * len(BOOK.policies)


def test_each_action_and_each_reason_that_rules_give_is_in_a_table() -> None:
    answers = [answer(case, BOOK) for case in CASES]
    levels = [level for each in answers for level in (each.event, *(s.answer for s in each.services)) if level]
    actions = {level.decision.action for level in levels if level.decision is not None}
    reasons = {rejection.reason for each in answers for rejection in each.rejections}
    assert actions == set(CertificationAction)
    assert reasons == {RejectReason(code) for code in REASONS}
