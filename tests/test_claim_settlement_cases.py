"""The tables of cases in tests/cases/claim_settlement: held claims, files, and what becomes of the claims."""

import pytest

from tests.settlement_tables import Case, apply, read_tables, told

CASES = read_tables()


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.table}: {case.name}")
def test_a_case_comes_out_as_its_table_says(case: Case) -> None:
    outcome = apply(case)
    held, claim = case.claims[0], outcome.claims[0]
    assert outcome.obstacles == case.obstacles
    if case.events is not None:
        assert tuple(map(told, claim.events[len(held.events) :])) == case.events
    if case.lines is not None:
        assert tuple(tuple(map(told, line.events)) for line in claim.lines) == case.lines
    if case.number:
        assert claim.claim_number == case.number
    if case.former:
        assert claim.former_numbers == case.former


def test_there_are_at_least_25_cases_and_no_two_have_the_same_name() -> None:
    names = [case.name for case in CASES]
    assert len(names) >= 25
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.table}: {case.name}")
def test_the_files_of_a_case_once_more_change_nothing(case: Case) -> None:
    once = apply(case)
    again = apply(Case(**{**vars(case), "claims": once.claims}))
    assert again.claims == once.claims


def test_only_the_claim_that_is_meant_is_changed() -> None:
    for case in CASES:
        assert apply(case).claims[1:] == case.claims[1:], case.name
