"""835 and 277CA files to typed values: every element that is read, any delimiters, any pieces."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edi.claim_acknowledgment import (
    AcknowledgedClaim,
    AcknowledgedCode,
    AcknowledgedLine,
    AcknowledgedStatus,
    BillingProvider,
)
from edi.claim_status_codes import Category
from edi.eligibility import DateRange
from edi.remittance import (
    Adjustment,
    AdjustmentGroup,
    Amount,
    Disposition,
    PaymentMethod,
    Remittance,
    RemittedClaim,
    RemittedLine,
)
from gateway.cli.load import X12_LOADINGS, LoadKind
from gateway.cli.load_x12 import read_batches
from tests.settlement_support import Check, acknowledgment, read, remittance

DAY = DateRange(date(2026, 9, 1), date(2026, 9, 1))
STAY = DateRange(date(2026, 9, 1), date(2026, 9, 3))
CHECK = Check("0063158", "20260921", "20260918", "CHK", "180.4", "XX*1234567893", "REF*TJ*990000001~")
PAYMENT = remittance(
    "CLP*SECRET-ACCOUNT*1*250*180.4*10*12*SECRET-NUMBER*13*1~"
    "CAS*CO*45*50*1*253*9.6~CAS*PR*3*10~"
    "NM1*QC*1*SECRETNAME*ODA****MI*SECRET-ID~NM1*IL*1*SECRETNAME*PIA****MI*SECRET-ID-2~NM1*82*1*HEALER*ANN****XX*1234567893~"
    "REF*F8*SECRET-FORMER~REF*1L*G-1~DTM*232*20260901~DTM*233*20260903~DTM*050*20260905~AMT*AU*190.4~"
    "SVC*HC:99212:25*250*180.4*0450*1*HC:99213:25:59:::VISIT*1~DTM*150*20260901~DTM*151*20260903~"
    "CAS*CO*45*69.6~REF*6R*SECRET-LINE~REF*LU*11~AMT*B6*190.4~LQ*HE*M15~"
    "CLP*A-2*22*-90*-80**12*N-2~NM1*QC*1*SECRETNAME*ODA~"
    "SVC*HC:85025*-90*-80**-1~DTM*472*20260901~",
    CHECK,
)
CLAIM = RemittedClaim(
    remittance=Remittance(
        PaymentMethod.CHECK,
        Decimal("180.4"),
        "0063158",
        date(2026, 9, 21),
        date(2026, 9, 18),
        "990000001",
        "1234567893",
    ),
    disposition=Disposition.PRIMARY,
    charge=Decimal(250),
    paid=Decimal("180.4"),
    patient_account="SECRET-ACCOUNT",
    claim_number="SECRET-NUMBER",
    former_number="SECRET-FORMER",
    patient_responsibility=Decimal(10),
    filing_indicator="12",
    dates=STAY,
    member_ids=("SECRET-ID", "SECRET-ID-2"),
    adjustments=(
        Adjustment(AdjustmentGroup.CONTRACTUAL, "45", Decimal(50)),
        Adjustment(AdjustmentGroup.CONTRACTUAL, "253", Decimal("9.6")),
        Adjustment(AdjustmentGroup.PATIENT, "3", Decimal(10)),
    ),
    amounts=(Amount("AU", Decimal("190.4")),),
    lines=(
        RemittedLine(
            procedure="HC:99212:25",
            charge=Decimal(250),
            paid=Decimal("180.4"),
            submitted_procedure="HC:99213:25:59",
            revenue_code="0450",
            dates=STAY,
            control_number="SECRET-LINE",
            adjustments=(Adjustment(AdjustmentGroup.CONTRACTUAL, "45", Decimal("69.6")),),
            amounts=(Amount("B6", Decimal("190.4")),),
        ),
    ),
)
REVERSAL = RemittedClaim(
    remittance=CLAIM.remittance,
    disposition=Disposition.REVERSAL,
    charge=Decimal(-90),
    paid=Decimal(-80),
    patient_account="A-2",
    claim_number="N-2",
    filing_indicator="12",
    lines=(RemittedLine("HC:85025", Decimal(-90), Decimal(-80), dates=DAY),),
)
ACKNOWLEDGMENT = acknowledgment(
    "TRN*2*SECRET-ACCOUNT~STC*A7:164:HK*20260903*U*250******A7:453~STC*A7:187*20260903*U*250~REF*1K*SECRET-NUMBER~"
    "REF*D9*SECRET-TRACE~REF*BLT*131~DTP*472*RD8*20260901-20260903~"
    "SVC*HC:99213:25*250**0450***1~STC*A7:507*20260903*U~REF*FJ*SECRET-LINE~DTP*472*D8*20260901~",
    "XX*1234567893",
    "REF*TJ*990000001~",
)
ACKNOWLEDGED = AcknowledgedClaim(
    provider=BillingProvider("990000001", "1234567893"),
    patient_account="SECRET-ACCOUNT",
    statuses=(
        AcknowledgedStatus(
            (
                AcknowledgedCode(Category.REJECTED_INVALID, "164", "HK"),
                AcknowledgedCode(Category.REJECTED_INVALID, "453"),
            ),
            date(2026, 9, 3),
            is_accepted=False,
            charge=Decimal(250),
        ),
        AcknowledgedStatus(
            (AcknowledgedCode(Category.REJECTED_INVALID, "187"),),
            date(2026, 9, 3),
            is_accepted=False,
            charge=Decimal(250),
        ),
    ),
    claim_number="SECRET-NUMBER",
    clearinghouse_number="SECRET-TRACE",
    bill_type="131",
    dates=STAY,
    member_id="W100000001",
    lines=(
        AcknowledgedLine(
            "HC:99213:25",
            Decimal(250),
            (
                AcknowledgedStatus(
                    (AcknowledgedCode(Category.REJECTED_INVALID, "507"),), date(2026, 9, 3), is_accepted=False
                ),
            ),
            "0450",
            DAY,
            "SECRET-LINE",
        ),
    ),
)


def test_every_element_of_a_payment_is_read() -> None:
    assert list(read(PAYMENT)) == [CLAIM, REVERSAL]


def test_every_element_of_an_acknowledgment_is_read() -> None:
    assert list(read(ACKNOWLEDGMENT)) == [ACKNOWLEDGED]


def test_other_delimiters_say_the_same() -> None:
    translation = bytes.maketrans(b":*~", b"#|\n")
    assert read(PAYMENT.translate(translation)) == read(PAYMENT)
    assert read(ACKNOWLEDGMENT.translate(translation)) == read(ACKNOWLEDGMENT)


def test_money_that_is_taken_from_the_payee_is_negative() -> None:
    (telling, _) = read(PAYMENT.replace(b"BPR*I*180.4*C*", b"BPR*I*180.4*D*"))
    assert isinstance(telling, RemittedClaim)
    assert telling.remittance.paid == Decimal("-180.4")


@pytest.mark.parametrize(
    ("sent", "broken"),
    [
        (b"BPR*I*180.4*C*CHK*", b"BPR*I*180.4*C*CASH*"),
        (b"N1*PE*RIVERBEND GROUP*XX*1234567893~", b""),
        (b"TRN*1*0063158*", b"CLP*A-0*1*1*1**12*N-0~TRN*1*0063158*"),
    ],
    ids=["a code that is none", "no payee", "a claim before the payment is told"],
)
def test_no_claim_is_read_below_a_header_that_breaks_the_guide(sent: bytes, broken: bytes) -> None:
    batches = list(read_batches(X12_LOADINGS[LoadKind.CLAIMS], [PAYMENT.replace(sent, broken)]))
    assert [line for batch in batches for line in batch.told]
    assert not [filed for batch in batches for filed in batch.filed]


def test_nothing_that_tells_who_a_patient_is_is_shown() -> None:
    for shown in (repr(CLAIM), str(CLAIM), repr(ACKNOWLEDGED), str(ACKNOWLEDGED)):
        assert "SECRET" not in shown
        assert "W100000001" not in shown


@settings(deadline=None)
@given(st.lists(st.integers(1, len(PAYMENT) - 1), max_size=8, unique=True).map(sorted))
def test_a_file_split_anywhere_says_the_same(cuts: list[int]) -> None:
    ends = [*cuts, len(PAYMENT)]
    pieces = [PAYMENT[begin:end] for begin, end in zip([0, *cuts], ends, strict=True)]
    batches = list(read_batches(X12_LOADINGS[LoadKind.CLAIMS], pieces))
    assert [filed.value for batch in batches for filed in batch.filed] == [CLAIM, REVERSAL]
