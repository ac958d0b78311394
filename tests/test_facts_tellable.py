"""Documents that no 271 could tell are refused when they are read, and the value at fault is not told."""

import xml.etree.ElementTree as ET
from typing import Any

import msgspec
import pytest

from edi.benefit_codes import INSURANCE_TYPES, RELATED_ENTITY_QUALIFIERS, RELATIONSHIPS, SERVICE_TYPES
from edi.errors import Outage
from edi.places import STATES
from gateway.store.documents import decode
from gateway.store.keys import Kind
from parsers.guides import FOLDER
from rules.facts import Contract, Plan, UntellableFact
from tests.guide_specimen import codes_of

CONTACT = {"name": "SIGHT CO", "identifier_qualifier": "PI", "identifier": "12345"}
COVERAGE = {"plan_id": "P", "begin": "2024-01-01", "accumulators": [], "used_limits": []}
PERSON = {"number": "01", "last_name": "ROE", "first_name": "JANE", "birth_date": "1980-01-31", "coverages": [COVERAGE]}
CONTRACT = {"contract_id": "C", "subscriber_id": "W1", "persons": [PERSON], "other_payers": []}
COST = {"co_payment": "20", "co_insurance": "0.2", "places_of_service": ["02"]}
AMOUNT = {"kind": "deductible", "level": "IND", "amount": "1000"}
BENEFIT = {"service_types": ["98"], "costs": [COST], "limits": [], "vendor": CONTACT}
PLAN = {"plan_id": "P", "name": "GOLD", "insurance_type": "PR", "benefits": [BENEFIT], "amounts": [AMOUNT]}


def coverage(**values: object) -> dict[str, Any]:
    return CONTRACT | {"persons": [PERSON | {"coverages": [COVERAGE | values]}]}


def person(**values: object) -> dict[str, Any]:
    return CONTRACT | {"persons": [PERSON | values]}


def other_payer(**values: object) -> dict[str, Any]:
    return CONTRACT | {"other_payers": [{"payer": CONTACT, "priority": "primary", "begin": "2024-01-01"} | values]}


def used(amount: str) -> dict[str, Any]:
    return coverage(accumulators=[{"kind": "deductible", "level": "IND", "used": amount, "period_begin": "2026-01-01"}])


def benefit(**values: object) -> dict[str, Any]:
    return PLAN | {"benefits": [BENEFIT | values]}


def cost(**values: object) -> dict[str, Any]:
    return benefit(costs=[COST | values])


def limit(quantity: str) -> dict[str, Any]:
    return benefit(limits=[{"name": "A", "quantity": quantity, "unit": "visits", "period": "23"}])


CONTRACTS = {
    "nobody": CONTRACT | {"persons": []},
    "a member id of one character": CONTRACT | {"subscriber_id": "W"},
    "a member id with a delimiter": CONTRACT | {"subscriber_id": "W*1"},
    "a member id in other letters": CONTRACT | {"subscriber_id": "Ŵ1"},
    "an own id that is too long": person(own_id="9" * 81),
    "a gender that X12 has not": person(gender="X"),
    "a birth before 1800": person(birth_date="1799-12-31"),
    "coverage before 1800": coverage(begin="0001-01-01"),
    "a group number that is too long": coverage(group_number="G" * 51),
    "use that is no number": used("NaN"),
    "use without bounds": used("1E+13"),
    "another payer of no type": other_payer(insurance_type="XX"),
    "another payer's number that is too long": other_payer(member_id="9" * 51),
    "a qualifier without an identifier": other_payer(payer={"name": "A", "identifier_qualifier": "PI"}),
    "an identifier without a qualifier": other_payer(payer={"name": "A", "identifier": "12345"}),
}
PLANS = {
    "a service type that X12 has not": benefit(service_types=["98", "ZZ"]),
    "an insurance type that X12 has not": PLAN | {"insurance_type": "GOLD"},
    "active coverage that is not active": PLAN | {"active_kind": "6"},
    "an amount for employees only": PLAN | {"amounts": [AMOUNT | {"level": "EMP"}]},
    "an amount below zero": PLAN | {"amounts": [AMOUNT | {"amount": "-1"}]},
    "an amount with three decimals": PLAN | {"amounts": [AMOUNT | {"amount": "0.001"}]},
    "an amount without end": PLAN | {"amounts": [AMOUNT | {"amount": "Infinity"}]},
    "an amount with too many digits": cost(co_payment="1E+13"),
    "a share above all": cost(co_insurance="20"),
    "a share with many decimals": cost(co_insurance="0.3333333"),
    "eleven places": cost(places_of_service=["11"] * 11),
    "a place without a code": cost(places_of_service=[""]),
    "a limit below zero": limit("-1"),
}


@pytest.mark.parametrize("name", CONTRACTS)
def test_a_contract_that_cannot_be_told_is_refused(name: str) -> None:
    msgspec.convert(CONTRACT, Contract)
    with pytest.raises(msgspec.ValidationError) as refused:
        msgspec.convert(CONTRACTS[name], Contract)
    assert isinstance(refused.value.__cause__, UntellableFact)
    with pytest.raises(Outage):
        decode(Kind.CONTRACTS, msgspec.json.encode([CONTRACTS[name]]))


@pytest.mark.parametrize("name", PLANS)
def test_a_plan_that_cannot_be_told_is_refused(name: str) -> None:
    msgspec.convert(PLAN, Plan)
    with pytest.raises(msgspec.ValidationError) as refused:
        msgspec.convert(PLANS[name], Plan)
    assert isinstance(refused.value.__cause__, UntellableFact)
    with pytest.raises(Outage):
        decode(Kind.PLAN, msgspec.json.encode(PLANS[name]))


def test_a_refusal_does_not_show_the_value() -> None:
    with pytest.raises(msgspec.ValidationError) as refused:
        msgspec.convert(CONTRACT | {"subscriber_id": "SECRET*7"}, Contract)
    assert "SECRET" not in str(refused.value)


def test_the_codes_are_those_of_the_guide() -> None:
    guide = ET.parse(FOLDER / "271.5010.X279.A1.xml").getroot()  # noqa: S314 our own file

    def codes(loop: str, element: str) -> frozenset[str]:
        (within,) = [each for each in guide.iter("loop") if each.get("xid") == loop]
        return frozenset(
            code for each in within.iter("element") if each.get("xid") == element for code in codes_of(each)
        )

    assert codes("2110C", "EB03") == SERVICE_TYPES
    assert codes("2110C", "EB04") == INSURANCE_TYPES
    assert codes("2120C", "NM108") == RELATED_ENTITY_QUALIFIERS
    assert codes("2120C", "N402") == STATES
    assert codes("2100D", "INS02") == RELATIONSHIPS
