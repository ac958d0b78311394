"""What holds of any enrollments, in any order, on any family."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from edi.benefit_codes import CoverageLevel
from edi.eligibility import Reference
from edi.enrollment import (
    CoverageEnrollment,
    EnrollmentDate,
    EnrollmentHeader,
    FileAction,
    Maintenance,
    MemberEnrollment,
    MemberName,
    OtherInsurance,
)
from rules.enrolling.members import enroll
from rules.enrolling.problems import Refusal
from rules.facts import Accumulator, AmountKind, Contract, Coverage, Person

PLANS = ("GOLD", "DENTAL")
DAYS = st.integers(0, 24).map(lambda number: date(2026, 1, 1) + timedelta(days=15 * number))
USED = (Accumulator(AmountKind.DEDUCTIBLE, CoverageLevel.INDIVIDUAL, Decimal(40), date(2026, 1, 1)),)
HELD = Contract(
    "C1",
    "W100000001",
    (
        Person(
            "01",
            "QUILLFEATHER",
            "ODA",
            date(1980, 1, 31),
            coverages=(Coverage("GOLD", date(2026, 2, 15), accumulators=USED),),
        ),
        Person(
            "02",
            "QUILLFEATHER",
            "TAM",
            date(2015, 3, 1),
            relationship="19",
            coverages=(Coverage("GOLD", date(2026, 2, 15), date(2026, 8, 14), accumulators=USED),),
        ),
    ),
)


def dates(*qualifiers: str) -> st.SearchStrategy[tuple[EnrollmentDate, ...]]:
    return st.lists(
        st.builds(EnrollmentDate, st.sampled_from(qualifiers), DAYS), max_size=2, unique_by=lambda each: each.qualifier
    ).map(tuple)


OTHERS = st.builds(
    OtherInsurance,
    st.sampled_from(("P", "S", "U")),
    st.sampled_from(("1", "6")),
    st.sampled_from(("", "M1")),
    dates=dates("344", "345"),
    name=st.sampled_from(("SAMPLE MUTUAL", "FIXTURE INSURANCE")),
)
COVERAGES = st.builds(
    CoverageEnrollment,
    st.just(20),
    st.sampled_from(Maintenance),
    st.just("HLT"),
    plan_code=st.sampled_from(PLANS),
    level=st.sampled_from(("FAM", "SPC")),
    dates=dates("303", "348", "349"),
    references=st.sampled_from(((), (Reference("1L", "G-2"),))),
    other_insurances=st.lists(OTHERS, max_size=2).map(tuple),
)
OF_ONE_MEMBER = st.one_of(
    st.lists(COVERAGES, max_size=2, unique_by=lambda coverage: coverage.plan_code),
    COVERAGES.map(lambda coverage: [replace(coverage, plan_code="")]),
).map(tuple)
"""What says one thing of each plan; of a plan's addition and deletion at once the order decides."""
PEOPLE = (
    (True, "18", MemberName("QUILLFEATHER", "ODA", birth_date=date(1980, 1, 31))),
    (True, "18", MemberName("VANE", "ODA")),
    (False, "19", MemberName("QUILLFEATHER", "TAM", birth_date=date(2015, 3, 1))),
    (False, "19", MemberName("QUILLFEATHER", "NEL", birth_date=date(2026, 1, 1))),
)


@st.composite
def members(draw: st.DrawFn) -> MemberEnrollment:
    is_subscriber, relationship, name = draw(st.sampled_from(PEOPLE))
    return MemberEnrollment(
        EnrollmentHeader(draw(st.sampled_from(FileAction))),
        10,
        draw(st.sampled_from([each for each in Maintenance if each not in ("002", "026", "032")])),
        is_subscriber,
        relationship,
        "W100000001",
        name,
        references=draw(st.sampled_from(((), (Reference("Q4", "X1"),)))),
        dates=draw(dates("303", "356", "357")),
        coverages=draw(OF_ONE_MEMBER),
    )


SEQUENCES = st.lists(members(), min_size=1, max_size=4)
STARTS = st.sampled_from((None, HELD))


def enrolled(held: Contract | None, sequence: list[MemberEnrollment]) -> Contract | None:
    for member in sequence:
        outcome = enroll(held, member, PLANS)
        held = held if isinstance(outcome, Refusal) else outcome
    return held


@given(STARTS, SEQUENCES)
def test_no_day_lies_in_two_coverages_of_one_plan(held: Contract | None, sequence: list[MemberEnrollment]) -> None:
    contract = enrolled(held, sequence)
    for person in contract.persons if contract else ():
        for plan_id in PLANS:
            real = [each for each in person.coverages if each.plan_id == plan_id and not is_undone(each)]
            for one, other in pairwise(sorted(real, key=lambda coverage: coverage.begin)):
                assert one.end is not None
                assert one.end < other.begin


@given(STARTS, SEQUENCES, members())
def test_an_enrollment_a_second_time_changes_nothing(
    held: Contract | None, sequence: list[MemberEnrollment], member: MemberEnrollment
) -> None:
    once = enroll(enrolled(held, sequence), member, PLANS)
    if isinstance(once, Contract):
        again = enroll(once, member, PLANS)
        assert isinstance(again, Refusal) or again == once


@given(SEQUENCES)
def test_what_is_used_up_is_never_lost(sequence: list[MemberEnrollment]) -> None:
    contract = enrolled(HELD, sequence)
    assert contract is not None
    for person in contract.persons[:2]:
        assert any(coverage.accumulators == USED for coverage in person.coverages if coverage.plan_id == "GOLD")


@given(SEQUENCES, members())
def test_only_the_member_who_is_named_changes(sequence: list[MemberEnrollment], member: MemberEnrollment) -> None:
    held = enrolled(HELD, sequence)
    assert held is not None
    outcome = enroll(held, member, PLANS)
    if isinstance(outcome, Contract):
        names = {person.first_name for person in held.persons if person not in outcome.persons}
        leaves = member.is_subscriber and member.maintenance is Maintenance.TERMINATION
        assert leaves or names <= {member.name.first_name}


@given(SEQUENCES)
def test_a_coverage_has_each_person_once_and_its_own_number(sequence: list[MemberEnrollment]) -> None:
    contract = enrolled(HELD, sequence)
    assert contract is not None
    assert [person.number for person in contract.persons] == ["01", "02", "03"][: len(contract.persons)]
    covered = [number for other in contract.other_payers for number in other.persons]
    assert set(covered) <= {person.number for person in contract.persons}


def is_undone(coverage: Coverage) -> bool:
    return coverage.end is not None and coverage.end < coverage.begin
