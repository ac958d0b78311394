"""Requests: sample files and a table of (text, typed value) pairs hold the 278's reader and writer to each other."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from edi.delimiters import STANDARD, Delimiters
from edi.eligibility import DateRange, Dates, Patient, Reference, Trace
from edi.services_review import (
    Attachment,
    Contact,
    Delivery,
    Diagnosis,
    PartyReference,
    PostalAddress,
    Review,
    ReviewEvent,
    ReviewParty,
    ReviewPatient,
    ReviewRequest,
    ReviewService,
)
from edi.services_review_codes import CertificationType, LevelOfService, RequestCategory
from edi.services_review_lines import ServiceLine
from edi.writing import COMPONENT, delimited
from edi.writing_278_request import write_review_request
from parsers import check
from parsers.frames import TransactionSet
from parsers.framing import read
from parsers.services_review import read_services_review
from tests.guide_support import REAL_SAMPLES, SAMPLES

WRITTEN_AT = datetime(2026, 6, 1, 9, 30, tzinfo=UTC)
ODD = Delimiters(element="|", repetition=">", component="\\", segment="\n")
PAYER = ReviewParty("X3", "2", "HARBOR HEALTH PLAN", identifier_qualifier="PI", identifier="PAYER01")
CLINIC = ReviewParty("1P", "2", "LAKESIDE CLINIC", identifier_qualifier="XX", identifier="1234567893")
ALICE = ReviewPatient(Patient("ROWAN", "ALICE", member_id="HHP000000101"))
HEAD = (
    "ST*278*0001*005010X217~BHT*0007*13*REV-1*20260601*0930~HL*1**20*1~NM1*X3*2*HARBOR HEALTH PLAN*****PI*PAYER01~"
    "HL*2*1*21*1~NM1*1P*2*LAKESIDE CLINIC*****XX*1234567893~"
)
SUBSCRIBER = "HL*3*2*22*1~NM1*IL*1*ROWAN*ALICE****MI*HHP000000101~"
TRACE = Trace("1", "EVENT-1", "9SUBMITTER")


def day(text: str) -> DateRange:
    return DateRange(date.fromisoformat(text), date.fromisoformat(text))


def request(*events: ReviewEvent, **values: object) -> ReviewRequest:
    fields: dict[str, object] = {"requester": CLINIC, "subscriber": ALICE, "dependent": None} | values
    return ReviewRequest("0001", "REV-1", PAYER, events=events, **fields)  # type: ignore[arg-type]


PAIRS = {
    "an admission with its services": (
        HEAD + SUBSCRIBER + "HL*4*3*EV*1~TRN*1*EVENT-1*9SUBMITTER~UM*AR*I*2*21:B**E***Y~DTP*435*D8*20260615~"
        "DTP*096*D8*20260619~HI*ABK:I2510:D8:20260520*ABF:E119~HSD*DY*4~CL1*3*1~"
        "NM1*71*1*MERRICK*DANA****XX*1999999984~PRV*AT*PXC*207RC0000X~"
        "HL*5*4*SS*0~UM*HS*I*2~DTP*472*D8*20260615~SV2**HC:33510~",
        request(
            ReviewEvent(
                Review(
                    RequestCategory.ADMISSION,
                    CertificationType.INITIAL,
                    "2",
                    "21",
                    "B",
                    LevelOfService.ELECTIVE,
                    conditions=("", "", "Y"),
                ),
                (TRACE,),
                dates=(Dates("435", day("2026-06-15")), Dates("096", day("2026-06-19"))),
                diagnoses=(Diagnosis("ABK", "I2510", "20260520"), Diagnosis("ABF", "E119")),
                delivery=Delivery("DY", Decimal(4)),
                clinical=(("CL1", "3", "1"),),
                providers=(
                    ReviewParty(
                        "71",
                        "1",
                        "MERRICK",
                        "DANA",
                        identifier_qualifier="XX",
                        identifier="1999999984",
                        specialty=("PRV", "AT", "PXC", "207RC0000X"),
                    ),
                ),
                services=(
                    ReviewService(
                        review=Review(RequestCategory.HEALTH_SERVICES, CertificationType.INITIAL, "2"),
                        dates=(Dates("472", day("2026-06-15")),),
                        line=ServiceLine(("SV2", "", f"HC{COMPONENT}33510")),
                    ),
                ),
            )
        ),
    ),
    "a dependent's reservation": (
        HEAD.replace("*0930~HL", "*0930*RU~HL") + SUBSCRIBER + "HL*4*3*23*1~NM1*QC*1*ROWAN*BEN~REF*EJ*PAT-77~"
        "N3*8 FERRY ROAD~N4*PORTLAND*ME*04101~DMG*D8*20150909*M~INS*N*19***************2~"
        "HL*5*4*EV*0~UM*IN*I*1*11:B~HSD*VS*2*WK**35*6~",
        request(
            ReviewEvent(
                Review(RequestCategory.INDIVIDUAL, CertificationType.INITIAL, "1", "11", "B"),
                delivery=Delivery("VS", Decimal(2), ("WK", "", "35", "6")),
            ),
            dependent=ReviewPatient(
                Patient(
                    "ROWAN",
                    "BEN",
                    birth_date=date(2015, 9, 9),
                    birth_date_sent="20150909",
                    gender="M",
                    references=(Reference("EJ", "PAT-77"),),
                    relationship="19",
                ),
                address=PostalAddress(("8 FERRY ROAD",), ("PORTLAND", "ME", "04101")),
                birth_sequence="2",
            ),
            purpose="RU",
        ),
    ),
    "a cancellation": (
        HEAD + SUBSCRIBER + "HL*4*3*EV*0~UM*AR*3~REF*BB*AUTH0001001~REF*NT*ADMIN0001001~",
        request(
            ReviewEvent(
                Review(RequestCategory.ADMISSION, CertificationType.CANCEL),
                authorization_number="AUTH0001001",
                administrative_reference="ADMIN0001001",
            )
        ),
    ),
    "attachments, a message, an ambulance and a licensed provider": (
        HEAD + "PER*IC*JO HALE*TE*5550100200*EX*12~" + SUBSCRIBER + "HL*4*3*EV*1~UM*HS*I*56*41:B~"
        "PWK*P4*EL***AC*ATTACH-1*X-RAY~MSG*HOME TO DIALYSIS~NM1*SJ*2*HARBOR IMAGING~REF*0B*L12345*ME~NM1*PW*2*HOME~"
        "N3*8 FERRY ROAD~N4*PORTLAND*ME*04101~HL*5*4*SS*0~SV3*AD:D2750*950**10*I*1~TOO*JP*3*M:O~",
        request(
            ReviewEvent(
                Review(RequestCategory.HEALTH_SERVICES, CertificationType.INITIAL, "56", "41", "B"),
                attachments=(Attachment("P4", "EL", "ATTACH-1", "X-RAY"),),
                message="HOME TO DIALYSIS",
                providers=(
                    ReviewParty("SJ", "2", "HARBOR IMAGING", references=(PartyReference("0B", "L12345", "ME"),)),
                ),
                transport=(
                    ReviewParty(
                        "PW", "2", "HOME", address=PostalAddress(("8 FERRY ROAD",), ("PORTLAND", "ME", "04101"))
                    ),
                ),
                services=(
                    ReviewService(
                        line=ServiceLine(("SV3", f"AD{COMPONENT}D2750", "950", "", "10", "I", "1")),
                        teeth=(("TOO", "JP", "3", f"M{COMPONENT}O"),),
                    ),
                ),
            ),
            requester=replace(CLINIC, contact=Contact("JO HALE", (("TE", "5550100200"), ("EX", "12")))),
        ),
    ),
}


def transaction(text: str, delimiters: Delimiters = STANDARD) -> TransactionSet:
    raw = [*text.split(delimiters.segment)[:-1], delimiters.element.join(("SE", "0", "0001"))]
    return TransactionSet([piece.split(delimiters.element) for piece in raw], raw, position=3, offset=0)


def in_other_delimiters(text: str, delimiters: Delimiters) -> str:
    return text.translate(
        {
            ord("*"): delimiters.element,
            ord("^"): delimiters.repetition,
            ord(":"): delimiters.component,
            ord("~"): delimiters.segment,
        }
    )


@pytest.mark.parametrize("delimiters", [STANDARD, ODD], ids=["usual delimiters", "odd delimiters"])
@pytest.mark.parametrize("name", PAIRS)
def test_text_and_typed_value_are_one(name: str, delimiters: Delimiters) -> None:
    text, value = PAIRS[name]
    written = delimited(write_review_request(value, WRITTEN_AT), delimiters).decode()
    assert written == in_other_delimiters(text, delimiters)
    assert read_services_review(transaction(written, delimiters), delimiters) == value


@pytest.mark.parametrize("delimiters", [STANDARD, ODD], ids=["usual delimiters", "odd delimiters"])
@pytest.mark.parametrize("path", sorted(SAMPLES.glob("278_request_*.edi")), ids=lambda path: path.stem)
def test_nothing_of_a_sample_is_lost(path: Path, delimiters: Delimiters) -> None:
    text = path.read_text().replace("\n", "")
    text = in_other_delimiters(text[text.index("ST*") : text.index("SE*")], delimiters)
    request = read_services_review(transaction(text, delimiters), delimiters)
    assert delimited(write_review_request(request, WRITTEN_AT), delimiters).decode() == text


@pytest.mark.parametrize("path", sorted((REAL_SAMPLES / "278_request").glob("*")), ids=lambda path: path.name)
def test_nothing_of_a_published_request_is_lost(path: Path) -> None:
    """Levels apart: some published files number them otherwise."""
    data = path.read_bytes()
    if not check(data).accepted:
        pytest.skip("not of this guide, or at fault")
    (interchange,) = read(data)
    for sent in interchange.groups[0].transactions:
        request = read_services_review(sent, interchange.delimiters)
        written = delimited(write_review_request(request, WRITTEN_AT), interchange.delimiters).decode()
        again = written.split(interchange.delimiters.segment)[2:-1]
        assert [text for text in again if text[:2] != "HL"] == [text for text in sent.raw[2:-1] if text[:2] != "HL"]


def test_an_element_that_holds_a_delimiter_does_not_break_the_structure() -> None:
    hostile = request(
        ReviewEvent(Review(RequestCategory.HEALTH_SERVICES, CertificationType.INITIAL), message="A~SE*1*0001~")
    )
    written = delimited(write_review_request(hostile, WRITTEN_AT)).decode()
    assert written.count("~") == 11
    assert "MSG*A SE 1 0001 ~" in written


def test_nothing_that_identifies_a_patient_shows_in_a_repr() -> None:
    secrets = ("ROWAN", "ALICE", "BEN", "HHP0", "PAT-77", "2015", "FERRY", "I2510", "DIALYSIS", "MERRICK", "HALE")
    for _, value in PAIRS.values():
        assert not any(secret in repr(value) for secret in secrets)


def line(*elements: str) -> ServiceLine:
    return ServiceLine(tuple(element.replace(":", COMPONENT) for element in elements))


def test_a_service_line_tells_what_is_asked_for_whatever_its_segment() -> None:
    professional = line("SV1", "HC:72148:26", "400", "UN", "2")
    institutional = line("SV2", "0551", "HC:G0300::::::G0304", "", "DA", "6")
    dental = line("SV3", "AD:D2750", "950", "", "10", "I", "1")
    bare = line("SV2", "0410")
    assert [each.procedure_code for each in (professional, institutional, dental, bare)] == [
        "72148",
        "G0300",
        "D2750",
        "",
    ]
    assert (institutional.procedure_last, professional.procedure_last) == ("G0304", "72148")
    assert [each.quantity for each in (professional, institutional, dental, bare)] == [2, 6, 1, None]
    assert [each.unit for each in (professional, institutional, dental, bare)] == ["UN", "DA", "", ""]
    assert [each.revenue_code for each in (professional, institutional)] == ["", "0551"]


def test_a_service_line_for_another_quantity_is_otherwise_the_same() -> None:
    assert line("SV1", "HC:97110").with_quantity(Decimal(8)) == line("SV1", "HC:97110", "", "UN", "8")
    assert line("SV2", "0551", "", "", "DA", "12").with_quantity(Decimal("8.50")) == line(
        "SV2", "0551", "", "", "DA", "8.5"
    )
    assert line("SV3", "AD:D2750", "950", "", "", "I", "3").with_quantity(Decimal(1)).quantity == 1


def test_the_days_of_an_event_are_those_told_or_those_of_its_services() -> None:
    review = Review(RequestCategory.HEALTH_SERVICES, CertificationType.INITIAL)
    told = Dates("AAH", DateRange(date(2026, 6, 8), date(2026, 6, 30)))
    stay = (Dates("435", day("2026-06-15")), Dates("096", day("2026-06-19")))
    services = tuple(ReviewService(dates=(Dates("472", day(text)),)) for text in ("2026-06-12", "2026-06-10"))
    assert ReviewEvent(review, dates=(*stay, told)).period == told.period
    assert ReviewEvent(review, dates=stay).period == DateRange(date(2026, 6, 15), date(2026, 6, 19))
    assert ReviewEvent(review, dates=stay[:1]).period == day("2026-06-15")
    assert ReviewEvent(review, services=services).period == DateRange(date(2026, 6, 10), date(2026, 6, 12))
    assert ReviewEvent(review).period is None
