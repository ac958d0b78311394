"""One table of (text, typed value) pairs holds the 270's reader and writer to each other."""

from datetime import UTC, date, datetime

import pytest

from edi.delimiters import STANDARD, Delimiters
from edi.eligibility import (
    DateRange,
    EligibilityInquiry,
    EligibilityRequest,
    Party,
    Patient,
    Reference,
    ServiceInquiry,
    Trace,
)
from edi.writing import delimited
from edi.writing_270 import write_eligibility_request
from parsers.eligibility import read_eligibility
from parsers.frames import TransactionSet

WRITTEN_AT = datetime(2026, 11, 21, 13, 19, tzinfo=UTC)
PAYER = Party("PR", "2", "EXAMPLE HEALTH PLAN", "", "PI", "99999")
CLINIC = Party("1P", "2", "RIVERSIDE CLINIC", "", "XX", "1234567893")
NOVEMBER_21 = DateRange(date(2026, 11, 21), date(2026, 11, 21))
TODAY = ServiceInquiry(("30",))


def request(*inquiries: EligibilityInquiry) -> EligibilityRequest:
    return EligibilityRequest("0001", "REF-1", "13", inquiries)


def subscriber(**values: object) -> Patient:
    return Patient("ROE", "JANE", member_id="W100000001", **values)  # type: ignore[arg-type]


def inquiry(patient: Patient, dependent: Patient | None = None, **values: object) -> EligibilityInquiry:
    fields = {"receiver_references": (), "traces": (Trace("1", "T-1", "9TRACENUMB"),), "services": (TODAY,)} | values
    return EligibilityInquiry(PAYER, CLINIC, subscriber=patient, dependent=dependent, reference="REF-1", **fields)  # type: ignore[arg-type]


BIRTH = {"birth_date": date(1980, 1, 31), "birth_date_sent": "19800131"}
HEAD = (
    "ST*270*0001*005010X279A1~BHT*0022*13*REF-1*20261121*1319~HL*1**20*1~NM1*PR*2*EXAMPLE HEALTH PLAN*****PI*99999~"
    "HL*2*1*21*1~NM1*1P*2*RIVERSIDE CLINIC*****XX*1234567893~"
)
PAIRS = {
    "a subscriber asks for everything": (
        HEAD + "HL*3*2*22*0~TRN*1*T-1*9TRACENUMB~NM1*IL*1*ROE*JANE****MI*W100000001~DMG*D8*19800131*F~"
        "DTP*291*D8*20261121~EQ*30~",
        request(inquiry(subscriber(gender="F", dates=NOVEMBER_21, **BIRTH))),
    ),
    "a dependent is the patient": (
        HEAD + "HL*3*2*22*1~NM1*IL*1*ROE*JANE****MI*W100000001~HL*4*3*23*0~TRN*1*T-1*9TRACENUMB~"
        "NM1*03*1*ROE*SAM~DMG*D8*20150229*M~INS*N*19~EQ*98^MH~DTP*291*RD8*20261101-20261130~",
        request(
            inquiry(
                subscriber(),
                Patient("ROE", "SAM", birth_date_sent="20150229", gender="M", relationship="19"),
                services=(ServiceInquiry(("98", "MH"), dates=DateRange(date(2026, 11, 1), date(2026, 11, 30))),),
            )
        ),
    ),
    "references, a procedure and a coverage level": (
        HEAD + "REF*EO*477563928~HL*3*2*22*0~TRN*1*T-1*9TRACENUMB~NM1*IL*1*ROE*JANE****MI*W100000001~REF*6P*G-7~"
        "DMG*D8*19800131~EQ**HC:97161*FAM~EQ*35~",
        request(
            inquiry(
                subscriber(references=(Reference("6P", "G-7"),), **BIRTH),
                receiver_references=(Reference("EO", "477563928"),),
                services=(ServiceInquiry((), "HC:97161", "FAM"), ServiceInquiry(("35",))),
            )
        ),
    ),
    "two patients under one subscriber": (
        HEAD + "HL*3*2*22*1~TRN*1*T-1*9TRACENUMB~NM1*IL*1*ROE*JANE****MI*W100000001~EQ*30~"
        "HL*4*3*23*0~TRN*1*T-1*9TRACENUMB~NM1*03*1*ROE*SAM~EQ*30~",
        request(inquiry(subscriber()), inquiry(subscriber(), Patient("ROE", "SAM"))),
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
    written = delimited(write_eligibility_request(value, WRITTEN_AT), delimiters).decode()
    assert written == text.translate(
        {
            ord("*"): delimiters.element,
            ord("^"): delimiters.repetition,
            ord(":"): delimiters.component,
            ord("~"): delimiters.segment,
        }
    )
    assert read_eligibility(transaction(written, delimiters), delimiters) == value


@pytest.mark.parametrize("children", ["0", "1"])
def test_a_subscriber_who_asks_nothing_and_has_no_dependent_is_asked_about_whatever_hl04_says(children: str) -> None:
    text = HEAD + f"HL*3*2*22*{children}~TRN*1*T-1*9TRACENUMB~NM1*IL*1*ROE*JANE****MI*W100000001~"
    (read,) = read_eligibility(transaction(text, STANDARD), STANDARD).inquiries
    assert (read.dependent, read.services) == (None, (ServiceInquiry(("30",)),))


def test_an_element_that_holds_a_delimiter_does_not_break_the_structure() -> None:
    hostile = inquiry(Patient("ROE~SE*1*0001", "JA:NE^", member_id="W1\x1d\x1c2"))
    written = delimited(write_eligibility_request(request(hostile), WRITTEN_AT)).decode()
    assert "NM1*IL*1*ROE SE 1 0001*JA NE ****MI*" in written
    assert written.count("~") == 11


def test_a_patient_without_eq_is_asked_about_in_general() -> None:
    text = HEAD + "HL*3*2*22*0~NM1*IL*1*ROE*JANE****MI*W100000001~"
    read = read_eligibility(transaction(text, STANDARD), STANDARD)
    assert read.inquiries[0].services == (ServiceInquiry(("30",)),)


def test_nothing_that_identifies_a_patient_shows_in_a_repr() -> None:
    for _, value in PAIRS.values():
        shown = repr(value)
        assert not any(secret in shown for secret in ("ROE", "JANE", "SAM", "W100000001", "1980", "19800131"))
