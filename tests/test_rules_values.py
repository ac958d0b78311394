"""Identifiers, names, calendar and the values that rules make."""

from dataclasses import fields
from datetime import UTC, date, datetime
from decimal import Decimal

import msgspec
import pytest

from edi.eligibility import DateRange, EligibilityInquiry, Party, Patient, ServiceInquiry
from edi.errors import CallerError, Outage
from rules.dates import add_months, inquiry_window, year_containing
from rules.eligibility import decide
from rules.entitlement import Permitted, check_receiver, permit
from rules.facts import (
    Accumulator,
    Address,
    Contract,
    Coverage,
    Entitlement,
    Function,
    OtherPayer,
    PayerProfile,
    Person,
    Plan,
    PrimaryCareProvider,
    Provider,
    ProviderIdentifier,
    Submitter,
)
from rules.identifiers import is_npi, normalize_member_id
from rules.memo import IdentityMemo
from rules.names import normalize_last_name
from rules.search import Identified, identify
from rules.search_keys import ById, ByName, filed_under

ENTITLEMENT = Entitlement("S", "111111111", Function.ELIGIBILITY, datetime(2020, 1, 1, tzinfo=UTC))
CLINIC = Party("1P", "2", "CLINIC", "", "XX", "1234567893")
PROVIDER = Provider("1", "CLINIC", (ProviderIdentifier("XX", "1234567893"),), ("111111111",))
NOW = datetime(2026, 5, 5, tzinfo=UTC)


def person(number: str = "01", **changed: object) -> Person:
    document = {"number": number, "last_name": "MARKEDNAME", "first_name": "MARKEDFIRST", "birth_date": "1980-01-31"}
    return msgspec.convert({**document, **changed}, Person)


@pytest.mark.parametrize("npi", ["1234567893", "1003000126", "1245319599"])
def test_an_npi_with_a_right_check_digit_is_one(npi: str) -> None:
    assert is_npi(npi)


@pytest.mark.parametrize(
    "text", ["", "1234567890", "123456789", "12345678931", "12345678I3", "１２３４５６７８９３", "0000000000"]
)
def test_anything_else_is_no_npi(text: str) -> None:
    assert not is_npi(text)


@pytest.mark.parametrize(
    ("raw", "normalized"),
    [
        ("O'Donnell-Griswold", "ODONNELLGRISWOLD"),
        ("POMPII", "POMPII"),
        ("BURN", "BURN"),
        ("DE LA CRUZ", "DELACRUZ"),
        ("SMITH JR", "SMITH"),
        ("SMITH,JR", "SMITH"),
        ("SMITH/JR MD", "SMITH"),
        ("SMITH JR MD III", "SMITH"),
        ("SMITH JRS", "SMITHJRS"),
        ("SMITH-JR", "SMITHJR"),
        ("V", "V"),
        ("", ""),
        ("  LEE  ", "LEE"),
    ],
)
def test_last_names_are_normalized_as_core_258_says(raw: str, normalized: str) -> None:
    assert normalize_last_name(raw) == normalized


def test_a_member_id_is_compared_without_the_card_s_punctuation() -> None:
    assert normalize_member_id(" w12 345-67 ") == "W1234567"


def test_a_contract_is_filed_under_every_id_and_name_of_its_persons() -> None:
    contract = Contract(
        "C",
        "W-1",
        (person(former_last_names=["O'Neil"]), person("02", own_id="w2", last_name="KAY", birth_date="2010-10-10")),
        former_ids=("W0",),
    )
    assert filed_under(contract) == {
        ById("W1"),
        ById("W0"),
        ById("W2"),
        ByName(date(1980, 1, 31), "MARKEDNAME"),
        ByName(date(1980, 1, 31), "ONEIL"),
        ByName(date(2010, 10, 10), "KAY"),
    }


@pytest.mark.parametrize(
    ("day", "months", "moved"),
    [
        (date(2024, 2, 29), -12, date(2023, 2, 28)),
        (date(2024, 2, 29), 48, date(2028, 2, 29)),
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2026, 1, 15), -1, date(2025, 12, 15)),
        (date(2026, 12, 1), 1, date(2027, 1, 1)),
    ],
)
def test_months_are_added_within_the_calendar(day: date, months: int, moved: date) -> None:
    assert add_months(day, months) == moved


def test_the_window_reaches_a_year_back_and_to_the_end_of_this_month() -> None:
    assert inquiry_window(date(2026, 2, 10), 12, 0) == DateRange(date(2025, 2, 10), date(2026, 2, 28))


@pytest.mark.parametrize(
    ("day", "begins", "year"),
    [
        (date(2026, 5, 5), date(2000, 1, 1), (date(2026, 1, 1), date(2026, 12, 31))),
        (date(2026, 5, 5), date(2000, 7, 1), (date(2025, 7, 1), date(2026, 6, 30))),
        (date(2026, 2, 28), date(2024, 2, 29), (date(2026, 2, 28), date(2027, 2, 27))),
        (date(2028, 2, 28), date(2024, 2, 29), (date(2027, 2, 28), date(2028, 2, 28))),
        (date(2028, 2, 29), date(2024, 2, 29), (date(2028, 2, 29), date(2029, 2, 27))),
    ],
)
def test_a_plan_year_begins_on_its_own_day_each_year(day: date, begins: date, year: tuple[date, date]) -> None:
    assert year_containing(day, begins) == DateRange(*year)


def test_only_the_entitlement_rule_makes_a_permission() -> None:
    assert isinstance(permit(CLINIC, PROVIDER, [ENTITLEMENT], Function.ELIGIBILITY, NOW), Permitted)
    with pytest.raises(CallerError):
        Permitted("1", ENTITLEMENT, object())


def test_a_provider_that_was_looked_up_wrongly_permits_nothing() -> None:
    another = Provider("2", "OTHER", (ProviderIdentifier("XX", "1003000126"),), ("111111111",))
    assert not isinstance(permit(CLINIC, another, [ENTITLEMENT], Function.ELIGIBILITY, NOW), Permitted)


def test_a_receiver_is_refused_before_any_look_up_only_for_its_identifier() -> None:
    assert check_receiver(CLINIC) is None
    assert check_receiver(Party("1P", "2", "CLINIC", "", "XX", "1234567894")) is not None


def test_a_plan_that_is_not_on_file_is_an_outage_and_not_an_answer() -> None:
    holder = person(coverages=[{"plan_id": "GONE", "begin": "2024-01-01"}])
    inquiry = EligibilityInquiry(
        Party("PR", "2", "PAYER"),
        CLINIC,
        (),
        Patient("MARKEDNAME", "MARKEDFIRST", member_id="W1"),
        None,
        (),
        (ServiceInquiry(("30",)),),
        "R",
    )
    profile = PayerProfile("PAYER", "1", "133333333")
    found = identify(inquiry, [Contract("C", "W1", (holder,))], NOW.date(), profile)
    permitted = permit(CLINIC, PROVIDER, [ENTITLEMENT], Function.ELIGIBILITY, NOW)
    assert isinstance(found, Identified)
    assert isinstance(permitted, Permitted)
    with pytest.raises(Outage):
        decide(inquiry, found, {}, NOW.date(), profile, permitted)


def test_no_fact_shows_who_somebody_is() -> None:
    holder = person(
        own_id="MARKEDOWN",
        middle_name="MARKEDMIDDLE",
        former_last_names=["MARKEDFORMER"],
        death_date="2020-02-20",
        address={"lines": ["MARKEDSTREET"], "city": "MARKEDCITY", "postal_code": "MARKEDCODE"},
    )
    payer = msgspec.convert(
        {"payer": {"name": "X"}, "priority": "primary", "begin": "2020-01-01", "member_id": "MARKEDOTHER"}, OtherPayer
    )
    contract = Contract("C", "MARKEDID", (holder,), ("MARKEDOLD",), (payer,))
    keys = [*filed_under(contract)]
    shown = repr((contract, Identified(contract, holder, (), False, False), keys, holder.address))
    assert "MARKED" not in shown
    assert "1980" not in shown
    assert "2020, 2, 20" not in shown


@pytest.mark.parametrize(
    "kind",
    [
        Accumulator,
        Address,
        Contract,
        Coverage,
        Entitlement,
        PayerProfile,
        Person,
        Plan,
        PrimaryCareProvider,
        Provider,
        Submitter,
    ],
)
def test_each_kind_of_fact_is_read_from_json(kind: type) -> None:
    msgspec.json.Decoder(kind)
    assert fields(kind)


def test_amounts_are_read_exactly() -> None:
    document = b'{"kind":"deductible","level":"IND","used":"0.10","period_begin":"2026-01-01"}'
    assert msgspec.json.decode(document, type=Accumulator).used == Decimal("0.10")


def test_a_memo_keeps_no_more_than_its_bound_and_never_mixes_up_owners() -> None:
    memo: IdentityMemo[int] = IdentityMemo(2)
    owners = [object() for _ in range(5)]
    for value, owner in enumerate(owners):
        assert memo.get((owner,), "key", lambda value=value: value) == value
    assert memo.get((owners[4],), "key", lambda: -1) == 4
    assert memo.get((owners[0],), "key", lambda: -1) == -1
