"""The synthetic book of business: large enough, various enough, always current, and about nobody."""

from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import msgspec
import pytest

from edi.benefit_codes import CoverageLevel
from edi.claim_status_list import STATUS_CODES
from gateway.book import Book, book
from gateway.book.histories import month_begin, month_end
from rules.facts import Contract, Coverage, Person, Plan, Priority, ServiceStatus
from rules.facts.claims import Claim
from rules.facts.profile import EXPLICIT_SERVICE_TYPES, GENERIC_SERVICE_TYPES
from rules.identifiers import is_npi
from tests.claim_status_tables import wants_entity
from tests.timing import assert_takes_at_most

TODAY = date(2026, 3, 17)


@pytest.fixture(scope="module")
def whole() -> Book:
    return book(members=10_000, seed=1, today=TODAY)


@pytest.fixture(scope="module")
def contracts(whole: Book) -> tuple[Contract, ...]:
    return tuple(whole.contracts())


def is_active(coverage: Coverage, on: date = TODAY) -> bool:
    return coverage.begin <= on and (coverage.end is None or coverage.end >= on)


def gap(person: Person) -> bool:
    ends = [coverage.end for coverage in person.coverages[:-1] if coverage.end is not None]
    begins = [coverage.begin for coverage in person.coverages[1:]]
    return any(end + timedelta(days=1) < begin for end, begin in zip(ends, begins, strict=True))


def test_it_has_as_many_members_as_asked_for(contracts: tuple[Contract, ...]) -> None:
    assert sum(len(contract.persons) for contract in contracts) == 10_000


def test_ten_thousand_members_take_less_than_two_seconds_of_processor_time(whole: Book) -> None:
    assert_takes_at_most(2, lambda: list(whole.contracts()))


def test_the_same_seed_and_day_give_the_same_book_and_another_seed_another() -> None:
    first, again, other = (list(book(200, seed, TODAY).contracts()) for seed in (7, 7, 8))
    assert first == again
    assert first != other


def test_a_larger_book_begins_with_the_smaller_one() -> None:
    small, large = (list(book(members, 7, TODAY).contracts()) for members in (100, 200))
    assert large[: len(small) - 1] == small[:-1]


@pytest.mark.parametrize("plan", book(1, 1, TODAY).plans(), ids=lambda plan: plan.plan_id)
def test_every_plan_has_each_service_type_that_core_requires_once(plan: Plan) -> None:
    counted = Counter(code for benefit in plan.benefits for code in benefit.service_types)
    assert set(counted) == {*GENERIC_SERVICE_TYPES, *EXPLICIT_SERVICE_TYPES}
    assert set(counted.values()) == {1}


@pytest.mark.parametrize("plan", book(1, 1, TODAY).plans(), ids=lambda plan: plan.plan_id)
def test_a_covered_service_says_what_it_costs_and_a_carved_out_one_whom_to_ask(plan: Plan) -> None:
    for benefit in plan.benefits:
        assert bool(benefit.costs) is (benefit.status is ServiceStatus.COVERED)
        assert (benefit.vendor is not None) is (benefit.status is ServiceStatus.CARVED_OUT)
        assert bool(benefit.folded_into) is (benefit.status is ServiceStatus.FOLDED)


def test_each_coverage_is_of_a_plan_in_the_book(whole: Book, contracts: tuple[Contract, ...]) -> None:
    known = {plan.plan_id for plan in whole.plans()}
    used = {coverage.plan_id for contract in contracts for person in contract.persons for coverage in person.coverages}
    assert used == known


def test_the_first_family_is_active_whatever_the_seed() -> None:
    for seed in range(20):
        first = next(book(10, seed, TODAY).contracts())
        assert is_active(first.subscriber.coverages[-1])
        assert first.subscriber.coverages[-1].priority is Priority.PRIMARY


def test_spans_of_one_person_follow_each_other(contracts: tuple[Contract, ...]) -> None:
    for contract in contracts:
        for person in contract.persons:
            days = [day for span in person.coverages for day in (span.begin, span.end or date.max)]
            assert days == sorted(days)


def test_nobody_is_covered_before_birth_or_after_death(contracts: tuple[Contract, ...]) -> None:
    for contract in contracts:
        for person in contract.persons:
            assert all(coverage.begin >= person.birth_date for coverage in person.coverages)
            if person.death_date:
                assert not any(is_active(span, person.death_date + timedelta(days=1)) for span in person.coverages)


KINDS_OF_PERSONS: dict[str, Callable[[Person], bool]] = {
    "inactive": lambda person: bool(person.coverages) and not any(map(is_active, person.coverages)),
    "covered from a future day": lambda person: any(span.begin > TODAY for span in person.coverages),
    "reinstated after a gap": gap,
    "newborn": lambda person: person.birth_date > TODAY - timedelta(days=31) and bool(person.coverages),
    "dead": lambda person: person.death_date is not None,
    "with an own id": lambda person: bool(person.own_id),
    "with a former name": lambda person: bool(person.former_last_names),
    "with a suffix": lambda person: bool(person.suffix),
    "with an apostrophe": lambda person: "'" in person.last_name,
    "with a hyphen": lambda person: "-" in person.last_name,
    "with a suffix in the last name": lambda person: person.last_name.endswith((" JR", ", III", "/SR")),
    "paid second by us": lambda person: any(span.priority is Priority.SECONDARY for span in person.coverages),
    "with a primary care provider": lambda person: person.primary_care_provider is not None,
    "whose gender is not on file": lambda person: not person.gender,
    "with a used limit": lambda person: any(span.used_limits for span in person.coverages),
}


@pytest.mark.parametrize("kind", KINDS_OF_PERSONS)
def test_there_is_somebody(kind: str, contracts: tuple[Contract, ...]) -> None:
    assert any(KINDS_OF_PERSONS[kind](person) for contract in contracts for person in contract.persons)


def test_there_are_twins(contracts: tuple[Contract, ...]) -> None:
    assert any(
        Counter(person.birth_date for person in contract.persons[1:]).most_common(1)[0][1] > 1
        for contract in contracts
        if len(contract.persons) > 1
    )


def test_siblings_have_different_first_names(contracts: tuple[Contract, ...]) -> None:
    for contract in contracts:
        children = [person.first_name for person in contract.persons if person.relationship == "19"]
        assert len(children) == len(set(children))


def test_strangers_share_names_and_birth_dates(contracts: tuple[Contract, ...]) -> None:
    full, last = defaultdict(set), defaultdict(set)
    for contract in contracts:
        head = contract.subscriber
        full[head.last_name, head.first_name, head.birth_date].add(contract.contract_id)
        last[head.last_name, head.birth_date].add(head.first_name)
    assert any(len(contract_ids) > 1 for contract_ids in full.values())
    assert any(len(first_names) > 1 for first_names in last.values())


def test_no_two_people_have_the_same_id(contracts: tuple[Contract, ...]) -> None:
    ids = [contract.subscriber_id for contract in contracts]
    ids += [former for contract in contracts for former in contract.former_ids]
    ids += [person.own_id for contract in contracts for person in contract.persons if person.own_id]
    assert len(ids) == len(set(ids))


def test_nobody_has_used_more_than_the_plan_has(whole: Book, contracts: tuple[Contract, ...]) -> None:
    amounts = {
        (plan.plan_id, row.kind, row.level, row.network): row.amount for plan in whole.plans() for row in plan.amounts
    }
    reached = Counter[str]()
    for contract in contracts:
        for coverage in (coverage for person in contract.persons for coverage in person.coverages):
            for row in coverage.accumulators:
                most = amounts[coverage.plan_id, row.kind, row.level, row.network]
                assert Decimal(0) <= row.used <= most
                reached["none" if row.used == 0 else "all" if row.used == most else "some"] += 1
    assert set(reached) == {"none", "some", "all"}


def test_a_familys_accumulators_stand_alike_with_each_of_its_persons(contracts: tuple[Contract, ...]) -> None:
    for contract in contracts:
        rows = defaultdict(set)
        for coverage in (coverage for person in contract.persons for coverage in person.coverages):
            for row in coverage.accumulators:
                if row.level is CoverageLevel.FAMILY:
                    rows[row.kind, row.network].add(row.used)
        assert all(len(used) == 1 for used in rows.values())


def test_every_accumulator_is_of_a_period_that_holds_today(contracts: tuple[Contract, ...]) -> None:
    for contract in contracts:
        for coverage in (coverage for person in contract.persons for coverage in person.coverages):
            for row in coverage.accumulators:
                assert TODAY - timedelta(days=366) < row.period_begin <= TODAY


def test_providers_have_valid_npis_and_no_two_share_an_identifier(whole: Book) -> None:
    providers = list(whole.providers())
    identifiers = [each for provider in providers for each in provider.identifiers]
    assert len(identifiers) == len(set(identifiers))
    assert all(is_npi(each.identifier) for each in identifiers if each.qualifier == "XX")
    assert {each.qualifier for each in identifiers} == {"XX", "FI", "SV"}


def test_providers_belong_to_groups_of_the_book_and_some_may_not_inquire(whole: Book) -> None:
    providers = list(whole.providers())
    assert {tin for provider in providers for tin in provider.tins} == set(whole.tins())
    assert all(len(tin) == 9 and tin.isdigit() for tin in whole.tins())
    assert {provider.may_inquire for provider in providers} == {True, False}
    assert max(len(provider.tins) for provider in providers) == 2


@pytest.fixture(scope="module")
def claims(whole: Book) -> tuple[Claim, ...]:
    return tuple(whole.claims())


LAST_STATES = ("A0:16:PRP", "A1:19:40", "A2:20", "P1:45", "R4:294", "F1:65", "F2:585", "F3:101", "F3:686", "F4:98")


@pytest.mark.parametrize("code", LAST_STATES)
def test_there_is_a_claim_in_every_state(code: str, claims: tuple[Claim, ...]) -> None:
    assert any(str(claim.events[-1].codes[0]) == code for claim in claims)


def test_there_are_split_claims_that_are_found_by_their_common_former_number(claims: tuple[Claim, ...]) -> None:
    parts = [claim for claim in claims if claim.claim_id.endswith("-1")]
    others = {claim.former_numbers: claim for claim in claims if claim.claim_id.endswith("-2")}
    assert parts
    assert all(part.claim_number != others[part.former_numbers].claim_number for part in parts)


def test_lives_of_claims_go_forward_and_end_by_today(claims: tuple[Claim, ...]) -> None:
    for claim in claims:
        days = [claim.dates.last, *(event.effective for event in claim.events)]
        assert days == sorted(days)
        assert days[-1] <= TODAY


def test_claims_have_the_charges_of_their_lines_and_numbers_of_their_own(claims: tuple[Claim, ...]) -> None:
    assert all(claim.charge == sum(line.charge for line in claim.lines) for claim in claims)
    assert len({claim.claim_number for claim in claims}) == len({claim.claim_id for claim in claims}) == len(claims)


def test_lines_with_a_status_of_their_own_are_paid_what_the_claim_is(claims: tuple[Claim, ...]) -> None:
    told = [claim for claim in claims if claim.lines[-1].events]
    assert told
    for claim in told:
        assert sum(line.events[-1].paid or 0 for line in claim.lines) == claim.events[-1].paid


def test_the_first_claim_is_the_first_subscribers_and_paid(whole: Book, claims: tuple[Claim, ...]) -> None:
    first = next(whole.contracts())
    assert (claims[0].subscriber_id, claims[0].patient_number) == (first.subscriber_id, "01")
    assert claims[0].events[-1].paid


def test_every_status_of_the_book_is_in_the_list_with_the_entity_it_wants(claims: tuple[Claim, ...]) -> None:
    codes = STATUS_CODES.current()
    told = {code for claim in claims for event in claim.events for code in event.codes}
    assert all(codes.meaning(code) and bool(code.entity) == wants_entity(code.status) for code in told)


def test_the_documents_survive_json(whole: Book, contracts: tuple[Contract, ...]) -> None:
    for document in (*whole.plans(), *whole.providers(), *contracts[:50]):
        assert msgspec.json.decode(msgspec.json.encode(document), type=type(document)) == document


@pytest.mark.parametrize("today", [date(2026, 1, 1), date(2028, 2, 29), date(2026, 12, 31)])
def test_it_can_be_made_on_any_day(today: date) -> None:
    assert sum(len(contract.persons) for contract in book(500, 3, today).contracts()) == 500


def test_months_are_counted_over_the_turn_of_the_year() -> None:
    assert month_begin(date(2026, 1, 31), -1) == date(2025, 12, 1)
    assert month_end(date(2026, 12, 5), 2) == date(2027, 2, 28)
