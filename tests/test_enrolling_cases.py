"""The tables of enrolling cases: what an 834 makes of the contract that is held."""

import pytest

from edi.enrollment import Maintenance
from rules.enrolling.members import enroll, find_contract
from rules.enrolling.problems import EnrollmentProblem, Refusal
from rules.facts import Contract
from tests.enrollment_support import Case, read_cases, told_coverage

CASES = read_cases()
NOT_A_MEMBERS = {
    EnrollmentProblem.SUBSCRIBER_AMBIGUOUS,
    EnrollmentProblem.CONTRACT_TAKEN,
}
"""Problems of several contracts, which the tests of the store and of ``find_contract`` produce."""


def enrolled(held: Contract | None, case: Case) -> Contract | Refusal:
    """All members of the case, one after the other."""
    for member in case.members:
        outcome = enroll(held, member, case.plans)
        if isinstance(outcome, Refusal):
            assert member is case.members[-1], outcome
            return outcome
        held = outcome
    assert held is not None
    return held


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_an_enrollment_makes_of_a_contract_what_its_row_says(case: Case) -> None:
    outcome = enrolled(case.held, case)
    if isinstance(outcome, Refusal):
        assert f"{outcome.problem.name} {outcome.element}" == case.refused
        assert outcome.position >= case.members[-1].position
        return
    assert not case.refused
    persons = {person.number: person for person in outcome.persons}
    for number, coverages in case.coverages.items():
        assert [told_coverage(each) for each in persons[number].coverages] == coverages
    for number, fields in case.persons.items():
        assert {name: getattr(persons[number], name) for name in fields} == {
            name: tuple(value) if isinstance(value, list) else value for name, value in fields.items()
        }
    told = {name: getattr(outcome, name) for name in case.contract}
    assert told == {name: tuple(value) if isinstance(value, list) else value for name, value in case.contract.items()}


@pytest.mark.parametrize("case", [case for case in CASES if not case.refused], ids=lambda case: case.name)
def test_the_same_enrollment_a_second_time_changes_nothing(case: Case) -> None:
    once = enrolled(case.held, case)
    assert isinstance(once, Contract)
    assert enrolled(once, case) == once


def test_each_problem_of_a_member_has_a_case() -> None:
    seen = {EnrollmentProblem[case.refused.split()[0]] for case in CASES if case.refused}
    assert seen == set(EnrollmentProblem) - NOT_A_MEMBERS


def test_each_maintenance_type_has_a_case() -> None:
    seen = {coverage.maintenance for case in CASES for member in case.members for coverage in member.coverages}
    assert seen == set(Maintenance)


def test_a_subscriber_id_of_two_contracts_is_ambiguous() -> None:
    case = next(case for case in CASES if case.name == "a prior subscriber id leads to the contract")
    (member,) = case.members
    held = case.held
    assert held is not None
    other = Contract("C2", member.subscriber_id, held.persons)
    assert find_contract([held], member) == held
    assert find_contract([held, other], member) == Refusal(EnrollmentProblem.SUBSCRIBER_AMBIGUOUS, member.position)
