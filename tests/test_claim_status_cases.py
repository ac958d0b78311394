"""The tables of cases in tests/cases/claim_status: inquiry, claims, and the statuses of the answer."""

import pytest

from edi.claim_status_codes import CLOSED_CATEGORIES, Category
from edi.claim_status_list import STATUS_CODES
from rules.claims.obstacles import Obstacle
from rules.claims.reasons import ClaimRule
from rules.facts.claim_profile import ClaimStatusProfile
from tests.claim_status_tables import Case, answer, read_tables, stand_in_order, told, wants_entity

BOOKS, CASES = read_tables()


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.table}: {case.name}")
def test_a_case_is_answered_as_its_table_says(case: Case) -> None:
    lines = told(case, answer(case, BOOKS[case.table]))
    assert [line.removeprefix("STC*") for line in lines if line.startswith("STC*")] == list(case.stc)
    assert stand_in_order(case.tells, lines), "\n".join(lines)
    for beginning in case.never:
        assert not [line for line in lines if line.startswith(beginning)], f"{beginning} is told"


def test_there_are_at_least_80_cases_and_no_two_have_the_same_name() -> None:
    names = [case.name for case in CASES]
    assert len(names) >= 80
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("obstacle", Obstacle)
def test_each_obstacle_is_in_a_case(obstacle: Obstacle) -> None:
    reasons = {status.reason for case in CASES for status in answer(case, BOOKS[case.table]).statuses}
    assert obstacle.reason in reasons


@pytest.mark.parametrize("rule", ClaimRule)
def test_each_rule_gives_a_status_in_a_case(rule: ClaimRule) -> None:
    told = (answer(case, BOOKS[case.table]) for case in CASES)
    claims = [claim for each in told for claim in each.claims]
    reasons = [status.reason for claim in claims for status in claim.statuses]
    reasons += [status.reason for claim in claims for line in claim.lines for status in line.statuses]
    assert any(reason.startswith(rule) for reason in reasons)


@pytest.mark.parametrize("category", sorted(set(Category) - CLOSED_CATEGORIES))
def test_each_category_that_may_be_sent_is_in_a_case(category: Category) -> None:
    assert any(stc.startswith(f"{category}:") for case in CASES for stc in case.stc)


def test_each_status_code_in_a_case_is_in_the_list_with_the_entity_it_wants() -> None:
    codes = STATUS_CODES.current()
    for case in CASES:
        for each in answer(case, BOOKS[case.table]).statuses:
            for code in each.codes:
                assert code.pharmacy or codes.meaning(code), f"{code} in {case.name}"
                assert bool(code.entity) or not wants_entity(code.status), f"{code} in {case.name}"


def test_what_a_profile_says_by_itself_is_in_the_list_with_the_entity_it_wants() -> None:
    codes, profile = STATUS_CODES.current(), ClaimStatusProfile()
    for code in (profile.not_found, profile.too_many, profile.line_not_found, profile.other_payer):
        assert codes.meaning(code)
        assert bool(code.entity) == wants_entity(code.status)
