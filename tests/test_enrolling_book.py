"""A whole book of families, told in an 834 and enrolled from it."""

from datetime import date

import pytest

from benchmarks.enrolling import enrollment_file
from gateway.book import book
from rules.enrolling.members import enroll, find_contract
from rules.enrolling.problems import Refusal
from rules.facts import Contract, Person
from tests.enrollment_support import read_members

BOOK = book(members=400, seed=11, today=date(2026, 3, 17))


def told(person: Person) -> tuple[object, ...]:
    """What an 834 tells of a person."""
    coverages = [(each.plan_id, each.begin, each.end, each.group_number) for each in person.coverages]
    return (person.last_name, person.first_name, person.birth_date, person.relationship, person.own_id, coverages)


@pytest.mark.parametrize("late", [False, True], ids=["subscribers first", "dependents first"])
def test_what_is_enrolled_from_a_books_file_is_the_book(late: bool) -> None:
    plans = {plan.plan_id for plan in BOOK.plans()}
    members = read_members("".join(enrollment_file(BOOK, late=late)).encode())
    enrolled: dict[str, Contract] = {}
    for member in sorted(members, key=lambda each: not each.is_subscriber):
        held = find_contract([enrolled[member.subscriber_id]] if member.subscriber_id in enrolled else [], member)
        assert not isinstance(held, Refusal)
        outcome = enroll(held, member, plans)
        assert isinstance(outcome, Contract), outcome
        enrolled[member.subscriber_id] = outcome
    for contract in BOOK.contracts():
        persons = enrolled[contract.subscriber_id].persons
        assert [told(person) for person in persons] == [told(person) for person in contract.persons]
