"""Claims as documents: what is stored comes back, and what no 277 could tell is refused when it is read."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edi.claim_status import ClaimInquiry, ClaimPatient
from edi.claim_status_codes import CLOSED_CATEGORIES, Category, InvalidStatusError, StatusCode, parse_status_code
from edi.claim_status_list import STATUS_CODES, read_status_codes
from edi.eligibility import DateRange, Party
from edi.errors import CallerError
from gateway.operators_files import load_status_codes
from gateway.settings import BadSettings, decode_settings, encode_settings, read_settings
from rules.claims.access import ClaimAccess, permit_claims
from rules.claims.matching import find
from rules.claims.patients import Patient
from rules.claims.search import claim_searches, filed_under
from rules.facts import Contract, Entitlement, Function, Person, Provider, ProviderIdentifier
from rules.facts.claim_profile import ClaimStatusProfile
from rules.facts.claims import Claim, InvalidClaimError, ServiceLine, StatusEvent

MAY_10 = date(2026, 5, 10)
PENDING = StatusEvent(MAY_10, (parse_status_code("P1:20"),))
PAID = StatusEvent(
    date(2026, 5, 20),
    (parse_status_code("F1:65"), parse_status_code("F2:79:03:RX")),
    Decimal("200.50"),
    date(2026, 5, 19),
    date(2026, 5, 20),
    "EFT-5501",
    "V-1",
)


def claim(**values: object) -> Claim:
    fields = {
        "claim_id": "K-1",
        "claim_number": "N-1",
        "charge": Decimal("240.50"),
        "dates": DateRange(date(2026, 5, 1), date(2026, 5, 3)),
        "billing_tin": "111111111",
        "subscriber_id": "W100000001",
        "patient_number": "01",
        "events": (PENDING, PAID),
    } | values
    return Claim(**fields)  # type: ignore[arg-type]


def test_a_claim_comes_back_from_json_as_it_went() -> None:
    line = ServiceLine("HC:99213:25", Decimal("120.25"), events=(PAID,), control_number="L-1")
    whole = claim(lines=(line,), former_numbers=("N-0",), patient_account="P-1", bill_type="111")
    assert msgspec.json.decode(msgspec.json.encode(whole), type=Claim) == whole


@pytest.mark.parametrize(
    ("spoiled", "instead"),
    [
        ('"category":"P1"', '"category":"F5"'),
        ('"category":"P1"', '"category":"P9"'),
        ('"status":"20"', '"status":""'),
        ('"entity":""', '"entity":"PR"'),
        ('"entity":""', '"entity":"99"'),
        ('"claim_number":"N-1"', '"claim_number":""'),
        ('"payment_number":"EFT-5501"', '"payment_number":"EFT-5501-5501-5501"'),
        ('"charge":"240.50"', '"charge":"240.505"'),
        ('"charge":"240.50"', '"charge":"NaN"'),
        ('"paid":"200.50"', '"paid":"1e13"'),
        ('"patient_account":""', '"patient_account":" P-1"'),
        ('"patient_account":""', '"patient_account":"~*"'),
        ('"patient_account":""', '"patient_account":"P\\u001c1"'),
    ],
)
def test_a_document_that_no_277_could_tell_is_not_read(spoiled: str, instead: str) -> None:
    document = msgspec.json.encode(claim()).decode()
    assert spoiled in document
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(document.replace(spoiled, instead, 1), type=Claim)


@pytest.mark.parametrize(
    "procedure", ["99213", "XX:99213", "HC:", "HC:99213:2", "HC:99213:2 ", "HC:99213:--", "HC:99213:25:26:27:28:29"]
)
def test_a_procedure_that_no_service_line_holds_is_refused(procedure: str) -> None:
    with pytest.raises(InvalidClaimError):
        ServiceLine(procedure, Decimal(1))


def test_a_claim_without_history_is_refused() -> None:
    with pytest.raises(InvalidClaimError):
        claim(events=())
    with pytest.raises(InvalidStatusError):
        StatusEvent(MAY_10, ())


def test_nothing_that_identifies_a_patient_shows_in_a_repr_or_an_error() -> None:
    secrets = {
        "claim_number": "SECRET-1",
        "subscriber_id": "SECRET-2",
        "patient_account": "SECRET-3",
        "clearinghouse_number": "SECRET-4",
        "prescription": "SECRET-5",
    }
    assert "SECRET" not in repr(claim(**secrets))
    with pytest.raises(InvalidClaimError) as refused:
        claim(**{**secrets, "patient_account": "SECRET" * 10})
    assert "SECRET" not in str(refused.value)


def test_each_category_has_a_meaning_and_is_written_as_it_is_read() -> None:
    for category in Category:
        assert category.meaning
    for category in set(Category) - CLOSED_CATEGORIES:
        assert str(parse_status_code(f"{category}:20")) == f"{category}:20"


@pytest.mark.parametrize("category", sorted(CLOSED_CATEGORIES))
def test_a_closed_category_is_not_sent(category: Category) -> None:
    with pytest.raises(InvalidStatusError):
        StatusCode(category, "20")


@pytest.mark.parametrize("text", ["", "F1", "F1:", "Z9:20", "F1:6 5", "F1:65:XYZ", f"F1:{'6' * 31}"])
def test_what_is_no_status_code_is_refused(text: str) -> None:
    with pytest.raises(InvalidStatusError):
        parse_status_code(text)


def test_the_list_that_is_carried_says_its_version_and_what_a_code_means() -> None:
    codes = STATUS_CODES.current()
    assert codes.version
    assert len(codes.meanings) > 600
    assert codes.meaning(parse_status_code("D0:35")) == "claim not found"
    assert codes.meaning(parse_status_code("E0:562:1P")) == "NPI of provider"
    assert codes.meaning(parse_status_code("E0:562:80")) == "NPI of entity 80"
    assert codes.meaning(parse_status_code("E0:562")) == "NPI of the entity"
    assert codes.meaning(parse_status_code("F2:79:03:RX")) == ""


def test_an_operator_s_own_list_is_read() -> None:
    codes = read_status_codes("# of our own\nversion\t2027-03\n\n35\tno such claim\n999\tnew, of _\n")
    assert codes.version == "2027-03"
    assert dict(codes.meanings) == {"35": "no such claim", "999": "new, of _"}


def test_an_operator_s_own_list_is_told_by_until_it_is_given_up() -> None:
    STATUS_CODES.use(read_status_codes("version\t2027-03\n35\tno such claim\n"))
    try:
        assert STATUS_CODES.current().meaning(parse_status_code("D0:35")) == "no such claim"
    finally:
        STATUS_CODES.use(None)
    assert STATUS_CODES.current().meaning(parse_status_code("D0:35")) == "claim not found"


def test_an_operator_s_own_list_is_a_setting_that_says_what_is_wrong_with_it(tmp_path: Path) -> None:
    file = tmp_path / "codes.tsv"
    with pytest.raises(BadSettings, match="EDI_GATEWAY_STATUS_CODES cannot be used: give a file that can be read"):
        read_settings({"EDI_GATEWAY_STATUS_CODES": str(file)})
    file.write_text("35\tno such claim\n")
    with pytest.raises(BadSettings, match="put the list right: the list does not say its version"):
        read_settings({"EDI_GATEWAY_STATUS_CODES": str(file)})
    file.write_bytes(b"version\t\xff\n")
    with pytest.raises(BadSettings, match="UTF-8"):
        read_settings({"EDI_GATEWAY_STATUS_CODES": str(file)})
    file.write_text("version\t2027-03\n35\tno such claim\n")
    found = read_settings({"EDI_GATEWAY_STATUS_CODES": str(file)})
    assert decode_settings(encode_settings(found)) == found
    assert found.status_codes is not None
    assert load_status_codes(found.status_codes).version == "2027-03"


NOT_A_LIST = {
    "no version": "35\tno such claim\n",
    "no tab": "version\t1\n35\n",
    "no meaning": "version\t1\n35\t \n",
    "no code": "version\t1\n3-5\tx\n",
    "a code twice": "version\t1\n35\tx\n35\ty\n",
}


@pytest.mark.parametrize("text", NOT_A_LIST.values(), ids=NOT_A_LIST)
def test_a_list_that_is_not_of_its_form_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"line \d|version"):
        read_status_codes(text)


PATIENT = Patient(
    Contract("C-1", "W100000001", (Person("01", "ROWAN", "ALICE", date(1984, 3, 17)),), ("OLD-1",)),
    Person("01", "ROWAN", "ALICE", date(1984, 3, 17)),
)
CLINIC = Party("1P", "2", "LAKESIDE CLINIC", "", "XX", "1234567893")
TODAY = date(2026, 6, 1)


def access(*tins: str) -> ClaimAccess:
    moment = datetime(2026, 6, 1, tzinfo=UTC)
    entitlements = [Entitlement("S-1", tin, Function.CLAIM_STATUS, datetime(2020, 1, 1, tzinfo=UTC)) for tin in tins]
    provider = Provider("P-1", "LAKESIDE CLINIC", (ProviderIdentifier("XX", "1234567893"),), tins)
    granted = permit_claims(inquiry(), provider, entitlements, moment)
    assert isinstance(granted, ClaimAccess)
    return granted


def inquiry(**values: object) -> ClaimInquiry:
    return ClaimInquiry(CLINIC, CLINIC, (CLINIC,), ClaimPatient(), None, "A", **values)  # type: ignore[arg-type]


numbers = st.sampled_from(["", "N-1", "n-1 ", "N-2", "N-3"])
first_days = st.dates(date(2024, 1, 1), date(2026, 6, 1))
periods = st.builds(
    lambda first, length: DateRange(first, first + timedelta(days=length)), first_days, st.integers(0, 400)
)
on_file = st.builds(
    claim,
    claim_number=numbers.filter(bool).map(str.strip),
    former_numbers=st.lists(numbers.filter(bool).map(str.strip), max_size=1).map(tuple),
    dates=periods,
    billing_tin=st.sampled_from(["111111111", "222222222", "999999999"]),
    rendering_tin=st.sampled_from(["", "111111111"]),
    subscriber_id=st.sampled_from(["W100000001", "w100-000-001", "OLD1"]),
    patient_account=numbers.map(str.strip),
    prescription=numbers.map(str.strip),
    clearinghouse_number=numbers.map(str.strip),
    events=st.just((StatusEvent(date(2020, 1, 1), (parse_status_code("P1:20"),)),)),
)
asked = st.builds(
    inquiry,
    claim_number=numbers,
    patient_account=numbers,
    prescription=numbers,
    clearinghouse_number=numbers,
    dates=st.none() | periods,
)


@given(on_file, asked)
@settings(max_examples=400, deadline=None)
def test_a_claim_that_fits_is_filed_under_something_that_is_searched(each: Claim, what: ClaimInquiry) -> None:
    granted = access("111111111", "222222222")
    profile = ClaimStatusProfile(years_back=4)
    searched = claim_searches(what, PATIENT, granted, TODAY, profile)
    if find(what, [each], PATIENT, granted, TODAY):
        assert filed_under(each) & set(searched)


@given(st.lists(on_file, max_size=5), asked)
@settings(max_examples=100, deadline=None)
def test_what_is_found_does_not_depend_on_the_candidates_order(candidates: list[Claim], what: ClaimInquiry) -> None:
    numbered = [replace(each, claim_id=f"K-{index}") for index, each in enumerate(candidates)]
    granted = access("111111111")
    forwards, backwards = (
        {each.claim_id for each in find(what, order, PATIENT, granted, TODAY)} for order in (numbered, numbered[::-1])
    )
    assert forwards == backwards


def test_a_long_time_is_searched_for_the_profile_s_years_only() -> None:
    ages = DateRange(date(1800, 1, 1), date(9999, 12, 31))
    searched = claim_searches(inquiry(dates=ages), PATIENT, access("111111111"), TODAY, ClaimStatusProfile())
    assert len(searched) == 2 * 4


def test_access_to_claims_comes_from_the_entitlement_rule_only() -> None:
    with pytest.raises(TypeError):
        ClaimAccess()  # type: ignore[call-arg]
    assert ClaimAccess(()).tins == frozenset()
    assert issubclass(InvalidClaimError, CallerError)
