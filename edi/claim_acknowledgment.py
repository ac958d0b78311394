"""Claim acknowledgments in typed values: which claims the 277CA (005010X214) says were taken in or turned away.

Values that may identify a patient stay out of ``repr``.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from edi.claim_status_codes import Category
from edi.eligibility import DateRange


@dataclass(frozen=True, slots=True)
class AcknowledgedCode:
    """One composite of an STC. Its lists are wider than those of a 277 (``edi.claim_status_codes.StatusCode``)."""

    category: Category
    status: str
    """List 508."""
    entity: str = ""
    """Whom the status code speaks about."""


@dataclass(frozen=True, slots=True)
class AcknowledgedStatus:
    """One STC segment."""

    codes: tuple[AcknowledgedCode, ...]
    """STC01, STC10 and STC11; the first is what the status is."""
    effective: date | None
    """STC02; None where it was not sent or is no day of the calendar."""
    is_accepted: bool
    """STC03: WQ accepted, U rejected."""
    charge: Decimal | None = None
    """STC04, US dollars, of a claim."""


@dataclass(frozen=True, slots=True)
class AcknowledgedLine:
    """What is said of one service: a 2220D loop."""

    procedure: str
    """SVC01: qualifier, code and modifiers, ``HC:99213:25``."""
    charge: Decimal
    """SVC02, US dollars."""
    statuses: tuple[AcknowledgedStatus, ...] = ()
    revenue_code: str = ""
    """SVC04."""
    dates: DateRange | None = None
    """DTP 472; None: those of the claim."""
    control_number: str = field(default="", repr=False)
    """REF FJ: the provider's own number of the line."""


@dataclass(frozen=True, slots=True)
class BillingProvider:
    """Whose claims are acknowledged (2100C, 2200C). Empty means not sent."""

    tin: str = ""
    """NM109 under FI, else REF TJ."""
    npi: str = ""
    """NM109 under XX."""


@dataclass(frozen=True, slots=True)
class AcknowledgedClaim:
    """What is said of one claim: a 2200D loop, with the provider and the patient above it."""

    provider: BillingProvider
    patient_account: str = field(default="", repr=False)
    """TRN02: the provider's own number (CLM01)."""
    statuses: tuple[AcknowledgedStatus, ...] = ()
    claim_number: str = field(default="", repr=False)
    """REF 1K: the payer's own."""
    clearinghouse_number: str = field(default="", repr=False)
    """REF D9."""
    bill_type: str = ""
    """REF BLT."""
    dates: DateRange | None = None
    """DTP 472, of service."""
    member_id: str = field(default="", repr=False)
    """NM109 of the patient."""
    lines: tuple[AcknowledgedLine, ...] = ()
