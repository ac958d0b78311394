"""One table of (text, typed value) pairs holds the 276's reader and writer to each other; another the 277's writer."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from edi.claim_status import (
    ClaimInquiry,
    ClaimPatient,
    ClaimStatus,
    ClaimStatusAnswer,
    ClaimStatusRequest,
    Level,
    LineInquiry,
    LineStatus,
    PayerContact,
    Refusal,
    Status,
)
from edi.claim_status_codes import InvalidStatusError, parse_status_code
from edi.delimiters import STANDARD, Delimiters
from edi.eligibility import DateRange, Party, Reference
from edi.errors import CallerError
from edi.writing import delimited
from edi.writing_276 import write_claim_status_request
from edi.writing_277 import write_claim_status_response
from parsers.claim_status import read_claim_status
from parsers.frames import TransactionSet
from parsers.framing import read
from tests.guide_support import SAMPLES

WRITTEN_AT = datetime(2026, 6, 1, 9, 30, tzinfo=UTC)
PAYER = Party("PR", "2", "HARBOR HEALTH PLAN", "", "PI", "PAYER01")
EXCHANGE = Party("41", "2", "CLEARWATER EXCHANGE", "", "46", "SUBMITTER01")
CLINIC = Party("1P", "2", "LAKESIDE CLINIC", "", "XX", "1234567893")
DOCTOR = Party("1P", "1", "VALE", "MAX", "FI", "111111111", "T", "JR")
ALICE = ClaimPatient("ROWAN", "ALICE", identifier="HHP000000101")
BEN = ClaimPatient("ROWAN", "BEN", birth_date=date(2015, 9, 9), birth_date_sent="20150909", gender="M")
MAY_1 = DateRange(date(2026, 5, 1), date(2026, 5, 1))
MAY_1_TO_3 = DateRange(date(2026, 5, 1), date(2026, 5, 3))


def request(*inquiries: ClaimInquiry) -> ClaimStatusRequest:
    return ClaimStatusRequest("0001", "STATUS-1", inquiries)


def inquiry(subscriber: ClaimPatient, dependent: ClaimPatient | None = None, **values: object) -> ClaimInquiry:
    fields = {"source": PAYER, "receiver": EXCHANGE, "providers": (CLINIC,), "trace": "T-1"} | values
    return ClaimInquiry(subscriber=subscriber, dependent=dependent, reference="STATUS-1", **fields)  # type: ignore[arg-type]


HEAD = (
    "ST*276*0001*005010X212~BHT*0010*13*STATUS-1*20260601*0930~HL*1**20*1~NM1*PR*2*HARBOR HEALTH PLAN*****PI*PAYER01~"
    "HL*2*1*21*1~NM1*41*2*CLEARWATER EXCHANGE*****46*SUBMITTER01~"
)
PROVIDER = HEAD + "HL*3*2*19*1~NM1*1P*2*LAKESIDE CLINIC*****XX*1234567893~"
PAIRS = {
    "a subscriber's claim by everything that names one": (
        PROVIDER + "HL*4*3*22*0~DMG*D8*19840317*F~NM1*IL*1*ROWAN*ALICE*B**III*MI*HHP000000101~TRN*1*T-1~"
        "REF*1K*HHP41~REF*BLT*111~REF*LU*EAST~REF*6P*G-7~REF*EJ*P-55~REF*XZ*RX-7~REF*D9*CH-9~"
        "AMT*T3*240.5~DTP*472*RD8*20260501-20260503~",
        request(
            inquiry(
                ClaimPatient("ROWAN", "ALICE", "B", "III", "HHP000000101", "MI", date(1984, 3, 17), "19840317", "F"),
                claim_number="HHP41",
                bill_type="111",
                location="EAST",
                group_number="G-7",
                patient_account="P-55",
                prescription="RX-7",
                clearinghouse_number="CH-9",
                charge=Decimal("240.5"),
                dates=MAY_1_TO_3,
            )
        ),
    ),
    "service lines": (
        PROVIDER + "HL*4*3*22*0~NM1*IL*1*ROWAN*ALICE****MI*HHP000000101~TRN*1*T-1~REF*1K*HHP41~"
        "SVC*HC:99213:25*120.25**0510***1~REF*FJ*L-1~DTP*472*D8*20260501~SVC*N4:00093005801*35*****30~"
        "DTP*472*RD8*20260501-20260503~",
        request(
            inquiry(
                ALICE,
                claim_number="HHP41",
                lines=(
                    LineInquiry("HC:99213:25", Decimal("120.25"), Decimal(1), MAY_1, "0510", "L-1"),
                    LineInquiry("N4:00093005801", Decimal(35), Decimal(30), MAY_1_TO_3),
                ),
            )
        ),
    ),
    "a dependent's claim": (
        PROVIDER + "HL*4*3*22*1~NM1*IL*1*ROWAN*ALICE****MI*HHP000000101~HL*5*4*23~DMG*D8*20150909*M~"
        "NM1*QC*1*ROWAN*BEN~TRN*1*T-1~REF*EJ*P-56~",
        request(inquiry(ALICE, BEN, patient_account="P-56")),
    ),
    "two claims of a subscriber and one of a dependent": (
        PROVIDER + "HL*4*3*22*1~NM1*IL*1*ROWAN*ALICE****MI*HHP000000101~TRN*1*T-1~REF*1K*A~TRN*1*T-2~REF*1K*B~"
        "HL*5*4*23~DMG*D8*20150909*M~NM1*QC*1*ROWAN*BEN~TRN*1*T-3~REF*1K*C~",
        request(
            inquiry(ALICE, claim_number="A"),
            inquiry(ALICE, trace="T-2", claim_number="B"),
            inquiry(ALICE, BEN, trace="T-3", claim_number="C"),
        ),
    ),
    "a provider named twice, and then another": (
        HEAD
        + "HL*3*2*19*1~NM1*1P*2*LAKESIDE CLINIC*****XX*1234567893~NM1*1P*1*VALE*MAX*T**JR*FI*111111111~HL*4*3*22*0~"
        "NM1*IL*1*ROWAN*ALICE****MI*HHP000000101~TRN*1*T-1~HL*5*2*19*1~NM1*1P*2*LAKESIDE CLINIC*****XX*1234567893~"
        "HL*6*5*22*0~NM1*IL*1*ROWAN*ALICE****MI*HHP000000101~TRN*1*T-2~",
        request(inquiry(ALICE, providers=(CLINIC, DOCTOR)), inquiry(ALICE, trace="T-2")),
    ),
    "two receivers": (
        PROVIDER + "HL*4*3*22*0~NM1*IL*1*ROWAN*ALICE****MI*HHP000000101~TRN*1*T-1~HL*5*1*21*1~"
        "NM1*41*1*VALE*MAX****46*S2~HL*6*5*19*1~NM1*1P*2*LAKESIDE CLINIC*****XX*1234567893~HL*7*6*22*0~"
        "NM1*IL*1*ROWAN*ALICE****MI*HHP000000101~TRN*1*T-2~",
        request(inquiry(ALICE), inquiry(ALICE, trace="T-2", receiver=Party("41", "1", "VALE", "MAX", "46", "S2"))),
    ),
    "an employer as subscriber": (
        PROVIDER + "HL*4*3*22*1~NM1*IL*2*ROWAN MILLS*****24*121212121~HL*5*4*23~DMG*D8*20150909*M~NM1*QC*1*ROWAN*BEN~"
        "TRN*1*T-1~",
        request(
            inquiry(
                ClaimPatient("ROWAN MILLS", identifier="121212121", identifier_qualifier="24", entity_type="2"), BEN
            )
        ),
    ),
    "a subscriber with no claim named": (
        PROVIDER + "HL*4*3*22*0~NM1*IL*1*ROWAN*ALICE****MI*HHP000000101~",
        request(inquiry(ALICE, trace="")),
    ),
}
ODD = Delimiters(element="|", repetition=">", component="\\", segment="\n")


def transaction(text: str, delimiters: Delimiters) -> TransactionSet:
    raw = [*text.split(delimiters.segment)[:-1], delimiters.element.join(("SE", "0", "0001"))]
    return TransactionSet([piece.split(delimiters.element) for piece in raw], raw, position=3, offset=0)


@pytest.mark.parametrize("delimiters", [STANDARD, ODD], ids=["usual delimiters", "odd delimiters"])
@pytest.mark.parametrize("name", PAIRS)
def test_text_and_typed_value_are_one(name: str, delimiters: Delimiters) -> None:
    text, value = PAIRS[name]
    written = delimited(write_claim_status_request(value, WRITTEN_AT), delimiters).decode()
    assert written == text.translate(
        {
            ord("*"): delimiters.element,
            ord("^"): delimiters.repetition,
            ord(":"): delimiters.component,
            ord("~"): delimiters.segment,
        }
    )
    assert read_claim_status(transaction(written, delimiters), delimiters) == value


@pytest.mark.parametrize("children", ["0", "1"])
def test_a_subscriber_without_claim_and_dependent_is_asked_about_whatever_hl04_says(children: str) -> None:
    text = PROVIDER + f"HL*4*3*22*{children}~NM1*IL*1*ROWAN*ALICE****MI*HHP000000101~"
    assert read_claim_status(transaction(text, STANDARD), STANDARD).inquiries == (inquiry(ALICE, trace=""),)


@pytest.mark.parametrize("children", ["0", "1"])
def test_a_subscriber_with_a_dependent_is_not_asked_about_whatever_hl04_says(children: str) -> None:
    text = PROVIDER + (
        f"HL*4*3*22*{children}~NM1*IL*1*ROWAN*ALICE****MI*HHP000000101~HL*5*4*23~DMG*D8*20150909*M~NM1*QC*1*ROWAN*BEN~"
        "TRN*1*T-1~"
    )
    assert read_claim_status(transaction(text, STANDARD), STANDARD).inquiries == (inquiry(ALICE, BEN),)


def test_a_period_that_is_none_is_read_as_not_sent() -> None:
    text = PROVIDER + "HL*4*3*22*0~NM1*IL*1*ROWAN*ALICE****MI*HHP000000101~TRN*1*T-1~DTP*472*RD8*20260501-20260231~"
    (read_back,) = read_claim_status(transaction(text, STANDARD), STANDARD).inquiries
    assert read_back.dates is None


def test_a_number_without_digits_is_read_as_zero() -> None:
    text = PROVIDER + (
        "HL*4*3*22*0~NM1*IL*1*ROWAN*ALICE****MI*HHP000000101~TRN*1*T-1~AMT*T3*-~SVC*HC:99213:*-*****-~"
        "DTP*472*D8*20260501~"
    )
    (read_back,) = read_claim_status(transaction(text, STANDARD), STANDARD).inquiries
    assert read_back.charge == 0
    assert read_back.lines == (LineInquiry("HC:99213", Decimal(0), Decimal(0), MAY_1),)


def test_an_element_that_holds_a_delimiter_does_not_break_the_structure() -> None:
    hostile = inquiry(ClaimPatient("ROWAN~SE*1*0001", "AL:ICE", identifier="W*1"), claim_number="~1K*")
    written = delimited(write_claim_status_request(request(hostile), WRITTEN_AT)).decode()
    assert "NM1*IL*1*ROWAN?SE?1?0001*AL?ICE****MI*W?1" in written
    assert written.count("~") == 12


def test_nothing_that_identifies_a_patient_shows_in_a_repr() -> None:
    for _, value in PAIRS.values():
        shown = repr(value)
        secrets = ("ROWAN", "ALICE", "BEN", "HHP000000101", "1984", "2015", "P-55", "HHP41", "RX-7", "CH-9")
        assert not any(secret in shown for secret in secrets)


CONTACT = PayerContact("CLAIM SERVICES", "8005550102", "CLAIMS@HARBOR.EXAMPLE")
JUNE_1 = date(2026, 6, 1)
REFERENCES = tuple(
    Reference(qualifier, value)
    for qualifier, value in (("1K", "HHP41"), ("BLT", "111"), ("EJ", "P-55"), ("XZ", "RX-7"), ("VV", "V-3"))
)
PAID = Status(
    (parse_status_code("F1:65"),),
    date(2026, 5, 20),
    Decimal("240.50"),
    Decimal("200.5"),
    date(2026, 5, 19),
    date(2026, 5, 20),
    "EFT-5501",
)
REASONS = tuple(parse_status_code(code) for code in ("F1:107:QC", "F1:104", "F1:65"))
BOTH = ClaimStatus(
    (PAID, Status(REASONS, date(2026, 5, 20))),
    REFERENCES,
    MAY_1_TO_3,
    (LineStatus("HC:99213:25", Decimal(120), Decimal(100), Decimal(1), MAY_1, (PAID,), "0510", "L-1"),),
)
REJECTED = Status((parse_status_code("F2:79:03:RX"), parse_status_code("F2:88")), JUNE_1)
NOT_FOUND = ClaimStatus((Status((parse_status_code("D0:35"),), JUNE_1),), (Reference("EJ", "P-55"),), MAY_1)
DOWN = Refusal(Level.RECEIVER, Status((parse_status_code("E1:484:PR"),), JUNE_1))
UNKNOWN = Refusal(Level.PROVIDER, Status((parse_status_code("E0:24:1P"),), JUNE_1))

RESPONSE_HEAD = (
    "ST*277*0007*005010X212~BHT*0010*08*STATUS-1*20260601*093000*DG~HL*1**20*1~"
    "NM1*PR*2*HARBOR HEALTH PLAN*****PI*PAYER01~PER*IC*CLAIM SERVICES*TE*8005550102*EM*CLAIMS@HARBOR.EXAMPLE~"
)
RECEIVER = RESPONSE_HEAD + "HL*2*1*21*1~NM1*41*2*CLEARWATER EXCHANGE*****46*SUBMITTER01~"
PROVIDED = RECEIVER + "HL*3*2*19*1~NM1*1P*2*LAKESIDE CLINIC*****XX*1234567893~"
SUBSCRIBED = PROVIDED + "HL*4*3*22*0~NM1*IL*1*ROWAN*ALICE****MI*HHP000000101~TRN*2*T-1~"
ANSWERS = {
    "a paid claim with two status segments and a line": (
        [ClaimStatusAnswer(inquiry(ALICE), claims=(BOTH,))],
        SUBSCRIBED + "STC*F1:65*20260520**240.5*200.5*20260519**20260520*EFT-5501~"
        "STC*F1:107:QC*20260520********F1:104*F1:65~REF*1K*HHP41~REF*BLT*111~REF*EJ*P-55~REF*XZ*RX-7~REF*VV*V-3~"
        "DTP*472*RD8*20260501-20260503~SVC*HC:99213:25*120*100*0510***1~STC*F1:65*20260520~REF*FJ*L-1~"
        "DTP*472*D8*20260501~",
    ),
    "a line of a pharmacy with two reasons": (
        [
            ClaimStatusAnswer(
                inquiry(ALICE),
                claims=(
                    ClaimStatus(
                        (REJECTED,),
                        lines=(LineStatus("N4:1", Decimal(35), Decimal(0), Decimal("30.50"), MAY_1, (REJECTED,)),),
                    ),
                ),
            )
        ],
        SUBSCRIBED + "STC*F2:79:03:RX*20260601********F2:88~SVC*N4:1*35*0****30.5~"
        "STC*F2:79:03:RX*20260601********F2:88~DTP*472*D8*20260501~",
    ),
    "several claims for one inquiry have its trace": (
        [ClaimStatusAnswer(inquiry(ALICE), claims=(NOT_FOUND, NOT_FOUND))],
        SUBSCRIBED + "STC*D0:35*20260601~REF*EJ*P-55~DTP*472*D8*20260501~"
        "TRN*2*T-1~STC*D0:35*20260601~REF*EJ*P-55~DTP*472*D8*20260501~",
    ),
    "a subscriber and two dependents": (
        [
            ClaimStatusAnswer(inquiry(ALICE), claims=(NOT_FOUND,)),
            ClaimStatusAnswer(inquiry(ALICE, BEN, trace="T-2"), claims=(NOT_FOUND,)),
            ClaimStatusAnswer(inquiry(ALICE, ClaimPatient("ROWAN", "AMY"), trace="T-3"), claims=(NOT_FOUND,)),
        ],
        SUBSCRIBED + "STC*D0:35*20260601~REF*EJ*P-55~DTP*472*D8*20260501~"
        "HL*5*3*22*1~NM1*IL*1*ROWAN*ALICE****MI*HHP000000101~HL*6*5*23~NM1*QC*1*ROWAN*BEN~TRN*2*T-2~STC*D0:35*20260601~REF*EJ*P-55~DTP*472*D8*20260501~"
        "HL*7*5*23~NM1*QC*1*ROWAN*AMY~TRN*2*T-3~STC*D0:35*20260601~REF*EJ*P-55~DTP*472*D8*20260501~",
    ),
    "the whole system is down": (
        [ClaimStatusAnswer(inquiry(ALICE), DOWN), ClaimStatusAnswer(inquiry(ALICE, BEN), DOWN)],
        RECEIVER.replace("21*1", "21*0") + "TRN*2*STATUS-1~STC*E1:484:PR*20260601~",
    ),
    "one provider is refused and the next answered": (
        [
            ClaimStatusAnswer(inquiry(ALICE, providers=(DOCTOR,)), UNKNOWN),
            ClaimStatusAnswer(inquiry(ALICE), claims=(NOT_FOUND,)),
        ],
        RECEIVER + "HL*3*2*19*0~NM1*1P*1*VALE*MAX*T**JR*FI*111111111~TRN*1*STATUS-1~STC*E0:24:1P*20260601~"
        "HL*4*2*19*1~NM1*1P*2*LAKESIDE CLINIC*****XX*1234567893~HL*5*4*22*0~"
        "NM1*IL*1*ROWAN*ALICE****MI*HHP000000101~TRN*2*T-1~STC*D0:35*20260601~REF*EJ*P-55~DTP*472*D8*20260501~",
    ),
    "an inquiry without a claim gets a trace of zero": (
        [ClaimStatusAnswer(inquiry(ALICE, trace=""), claims=(ClaimStatus(NOT_FOUND.statuses),))],
        SUBSCRIBED.replace("TRN*2*T-1", "TRN*2*0") + "STC*D0:35*20260601~",
    ),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_is_written_as_the_guide_has_it(name: str) -> None:
    answers, text = ANSWERS[name]
    segments = write_claim_status_response(
        answers, control_number="0007", reference="STATUS-1", written_at=WRITTEN_AT, contact=CONTACT
    )
    assert delimited(segments).decode() == text


@pytest.mark.parametrize("contact", [None, PayerContact("CLAIM SERVICES")])
def test_a_contact_who_cannot_be_reached_is_not_told(contact: PayerContact | None) -> None:
    segments = write_claim_status_response(
        ANSWERS["the whole system is down"][0],
        control_number="0007",
        reference="STATUS-1",
        written_at=WRITTEN_AT,
        contact=contact,
    )
    assert not any(segment.startswith("PER") for segment in segments)


def test_a_response_to_nothing_is_refused() -> None:
    with pytest.raises(CallerError):
        write_claim_status_response([], control_number="0001", reference="A", written_at=WRITTEN_AT)


@pytest.mark.parametrize("sample", ["276_subscriber_claim", "276_dependent_claim"])
def test_a_sample_is_written_as_it_was_read(sample: str) -> None:
    data = (SAMPLES / f"{sample}.edi").read_bytes()
    (interchange,) = read(data)
    (read_from,) = interchange.groups[0].transactions
    request_read = read_claim_status(read_from, interchange.delimiters)
    written = delimited(write_claim_status_request(request_read, WRITTEN_AT)).decode()
    assert written.split("~")[:-1] == read_from.raw[:-1]


@pytest.mark.parametrize(
    ("level", "code"),
    [
        (Level.RECEIVER, "E0:24:1P"),
        (Level.RECEIVER, "E0:79::RX"),
        (Level.PROVIDER, "E1:484:PR"),
        (Level.PROVIDER, "E0:26:IL"),
    ],
)
def test_a_refusal_with_an_entity_of_another_level_cannot_be_made(level: Level, code: str) -> None:
    with pytest.raises(InvalidStatusError):
        Refusal(level, Status((parse_status_code(code),), JUNE_1))


@pytest.mark.parametrize("codes", [(), ("F1:65", "F1:104", "F1:107", "F1:66"), ("E1:484:PR",)], ids=str)
def test_a_claim_with_a_status_that_no_segment_holds_cannot_be_made(codes: tuple[str, ...]) -> None:
    status = Status(tuple(map(parse_status_code, codes)), JUNE_1)
    with pytest.raises(InvalidStatusError):
        ClaimStatus((status,))
    with pytest.raises(InvalidStatusError):
        LineStatus("HC:99213", Decimal(1), Decimal(0), Decimal(1), MAY_1, (status,))
