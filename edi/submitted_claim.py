"""Claims as providers submit them, in typed values: the professional and the institutional 837.

Source: X12 005010X222A1, 005010X223A2. Values that may identify a patient stay out of ``repr``.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from edi.claim_status import ClaimPatient
from edi.eligibility import DateRange


class Frequency(StrEnum):
    """CLM05-3, the last digit of a type of bill, where it says what an earlier claim has to do with this one."""

    REPLACEMENT = "7"
    VOID = "8"


@dataclass(frozen=True, slots=True)
class SubmittedLine:
    """One service line (2400)."""

    procedure: str
    """SV101 or SV202: qualifier, code and modifiers, ``HC:99213:25``; empty where only a revenue code is billed."""
    charge: Decimal
    """SV102 or SV203, US dollars."""
    units: Decimal
    """SV104 or SV205: units, days or minutes."""
    dates: DateRange | None = None
    """DTP 472; None where there are none."""
    revenue_code: str = ""
    """SV201."""
    control_number: str = field(default="", repr=False)
    """REF 6R: the provider's own number of the line."""
    prescription: str = field(default="", repr=False)
    """REF XZ of the drug (2410)."""


@dataclass(frozen=True, slots=True)
class SubmittedClaim:
    """One claim (2300) with all that the loops around it say. Empty means not sent."""

    submitted_on: date
    """BHT04."""
    billing_npi: str
    """NM109 of 2010AA."""
    billing_tin: str
    """REF EI or SY of 2010AA."""
    subscriber: ClaimPatient
    """2010BA."""
    dependent: ClaimPatient | None
    """2010CA: the patient, where that is not the subscriber."""
    group_number: str = field(repr=False)
    """SBR03."""
    patient_account: str = field(repr=False)
    """CLM01."""
    charge: Decimal
    """CLM02, US dollars."""
    facility: str
    """CLM05-1: place of service, or the first two digits of a type of bill."""
    is_institutional: bool
    """CLM05-2 is A: the facility and the frequency are a type of bill."""
    frequency: str
    """CLM05-3."""
    dates: DateRange | None
    """DTP 434, of an institutional claim; else from the first day of a line to the last. None where there are none."""
    original_number: str = field(default="", repr=False)
    """REF F8: the payer's number of the claim that this one replaces or voids."""
    clearinghouse_number: str = field(default="", repr=False)
    """REF D9."""
    rendering_npi: str = ""
    """NM109 of the rendering provider of the claim (2310B, 2310D)."""
    lines: tuple[SubmittedLine, ...] = ()

    @property
    def bill_type(self) -> str:
        """Facility, class and frequency, ``111``; empty of a professional claim."""
        return self.facility + self.frequency if self.is_institutional else ""

    @property
    def prescription(self) -> str:
        """The first prescription number of its lines."""
        return next((line.prescription for line in self.lines if line.prescription), "")
