"""The JSON that tells of claims: what a 277 says of them, each code with its meaning.

Amounts are US dollars as text, so that no reader rounds them (``"180.4"``). What is not known is left out.
"""

from datetime import date, datetime

from gateway.doors.eligibility.response import Told


class ClaimStatusCode(Told, frozen=True):
    """STC01, STC10 or STC11."""

    category: str
    """List 507: A1, P1, F1 ..."""
    category_meaning: str = ""
    code: str = ""
    """List 508, or NCPDP's reject codes where ``isPharmacyCode``."""
    meaning: str = ""
    entity: str = ""
    """Whom or what the code is about, as in X12 98."""
    is_pharmacy_code: bool = False


class ClaimStatus(Told, frozen=True):
    """One STC segment."""

    codes: tuple[ClaimStatusCode, ...]
    effective: date
    charge: str = ""
    paid: str = ""
    adjudicated: date | None = None
    payment_date: date | None = None
    payment_number: str = ""
    """Of the check or the transfer of funds."""


class ServiceDates(Told, frozen=True):
    """The first and the last day of service."""

    first: date
    last: date


class ServiceLine(Told, frozen=True):
    """One service line of a claim."""

    procedure: str = ""
    """Qualifier, code and modifiers: ``HC:99213:25``."""
    revenue_code: str = ""
    control_number: str = ""
    charge: str = ""
    paid: str = ""
    units: str = ""
    service_dates: ServiceDates | None = None
    status: tuple[ClaimStatus, ...] = ()


class Claim(Told, frozen=True):
    """What is told of one claim; only its status where none was found."""

    claim_number: str = ""
    """The payer's."""
    bill_type: str = ""
    patient_account: str = ""
    prescription: str = ""
    voucher: str = ""
    clearinghouse_number: str = ""
    service_dates: ServiceDates | None = None
    status: tuple[ClaimStatus, ...] = ()
    lines: tuple[ServiceLine, ...] = ()


class ClaimRefusal(Told, frozen=True):
    """Why a question was not answered."""

    loop: str
    """Of the 277 in which it would be told."""
    status: ClaimStatus


class ClaimsAnswer(Told, frozen=True):
    """The answer to a question about claims."""

    claims: tuple[Claim, ...]
    refused: ClaimRefusal | None = None
    reason: str = ""
    """Why nothing can be answered now: ``maintenance``, ``outside service hours``."""
    opens_at: str = ""
    """When it can be again, ISO 8601 with its offset; ``Retry-After`` tells the seconds until then."""


class ClaimChange(Told, frozen=True):
    """A claim as a change of its status has left it."""

    recorded_at: datetime
    claim: Claim


class ClaimChanges(Told, frozen=True):
    """What has become of claims."""

    changes: tuple[ClaimChange, ...]
    """In the order in which they happened to each claim."""
    cursor: str
    """For the next request."""
    has_more: bool
    """Whether the next request brings more at once."""
