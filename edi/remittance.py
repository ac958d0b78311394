"""Remittance advice in typed values: what the 835 (005010X221A1) says was paid, denied or taken back of claims.

Values that may identify a patient stay out of ``repr``. Amounts are US dollars, with the signs that were sent: those of
a reversal are the negatives of what it takes back.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from edi.eligibility import DateRange


class PaymentMethod(StrEnum):
    """BPR04: how the money goes."""

    CLEARING_HOUSE = "ACH"
    FINANCIAL_INSTITUTION = "BOP"
    CHECK = "CHK"
    WIRE = "FWT"
    NONE = "NON"
    """Only data: nothing is paid."""


class Disposition(StrEnum):
    """CLP02: as what the payer processed a claim."""

    PRIMARY = "1"
    SECONDARY = "2"
    TERTIARY = "3"
    DENIED = "4"
    PRIMARY_FORWARDED = "19"
    SECONDARY_FORWARDED = "20"
    TERTIARY_FORWARDED = "21"
    REVERSAL = "22"
    """Takes an earlier payment back; a correction usually follows."""
    FORWARDED = "23"
    """Not this payer's claim, handed on."""
    PREDETERMINATION = "25"
    """Only what would be paid."""


class AdjustmentGroup(StrEnum):
    """CAS01: who bears the difference between charge and payment."""

    CONTRACTUAL = "CO"
    OTHER = "OA"
    PAYER_INITIATED = "PI"
    PATIENT = "PR"


@dataclass(frozen=True, slots=True)
class Adjustment:
    """One reason for which less than the charge is paid (or more, where the amount is negative)."""

    group: AdjustmentGroup
    reason: str
    """Claim adjustment reason code (X12 external list 139)."""
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Amount:
    """An AMT segment: what it is an amount of, ``B6`` allowed, ``AU`` covered."""

    qualifier: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Remittance:
    """The payment that an 835 is about: what stands above its claims."""

    method: PaymentMethod
    paid: Decimal
    """BPR02; negative where BPR03 takes money from the payee."""
    number: str
    """TRN02: of the check or the transfer of funds."""
    payment_date: date | None
    """BPR16; None where it is no day of the calendar."""
    produced: date | None = None
    """DTM 405: the end of the adjudication cycle."""
    payee_tin: str = ""
    """Of 1000B: N104 under FI, else REF TJ."""
    payee_npi: str = ""
    """Of 1000B: N104 under XX."""


@dataclass(frozen=True, slots=True)
class RemittedLine:
    """What became of one service: a 2110 loop."""

    procedure: str
    """SVC01, as adjudicated: qualifier, code and modifiers, ``HC:99213:25``."""
    charge: Decimal
    """SVC02."""
    paid: Decimal
    """SVC03."""
    submitted_procedure: str = ""
    """SVC06, where another was submitted than was adjudicated."""
    revenue_code: str = ""
    """SVC04."""
    dates: DateRange | None = None
    """DTM 472, or 150 and 151; None: those of the claim."""
    control_number: str = field(default="", repr=False)
    """REF 6R: the provider's own number of the line."""
    adjustments: tuple[Adjustment, ...] = ()
    amounts: tuple[Amount, ...] = ()


@dataclass(frozen=True, slots=True)
class RemittedClaim:
    """What became of one claim: a 2100 loop, with the payment that it is part of."""

    remittance: Remittance
    disposition: Disposition
    charge: Decimal
    """CLP03."""
    paid: Decimal
    """CLP04."""
    patient_account: str = field(default="", repr=False)
    """CLP01: the provider's own number (CLM01); ``0`` where the payer never got one."""
    claim_number: str = field(default="", repr=False)
    """CLP07: the payer's own."""
    former_number: str = field(default="", repr=False)
    """REF F8: the payer's own, of the claim that this one adjusts."""
    patient_responsibility: Decimal | None = None
    """CLP05."""
    filing_indicator: str = ""
    """CLP06: the kind of insurance."""
    dates: DateRange | None = None
    """DTM 232 and 233, of service; None where neither was sent."""
    member_ids: tuple[str, ...] = field(default=(), repr=False)
    """NM109 of the patient, the insured and their correction."""
    adjustments: tuple[Adjustment, ...] = ()
    amounts: tuple[Amount, ...] = ()
    lines: tuple[RemittedLine, ...] = ()
