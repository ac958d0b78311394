"""Claim status in typed values: the 276's inquiry and the 277's answer (005010X212).

Values that may identify a patient stay out of ``repr``.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from edi.claim_status_codes import RECEIVER_ENTITIES, InvalidStatusError, StatusCode, check_claim_codes
from edi.eligibility import DateRange, Party, Reference


@dataclass(frozen=True, slots=True)
class ClaimPatient:
    """A subscriber (2100D) or dependent (2100E) as an inquiry names one. Empty means not sent."""

    last_name: str = field(default="", repr=False)
    """NM103; of an organization its whole name."""
    first_name: str = field(default="", repr=False)
    middle_name: str = field(default="", repr=False)
    suffix: str = field(default="", repr=False)
    identifier: str = field(default="", repr=False)
    """NM109, of a subscriber only."""
    identifier_qualifier: str = "MI"
    """NM108: MI member id, II standard health identifier, 24 employer's tax id."""
    birth_date: date | None = field(default=None, repr=False)
    birth_date_sent: str = field(default="", repr=False)
    """DMG02 as sent."""
    gender: str = field(default="", repr=False)
    entity_type: str = "1"
    """NM102: 1 a person, 2 an organization (as in workers' compensation)."""


@dataclass(frozen=True, slots=True)
class LineInquiry:
    """One service line asked about (2210D/E)."""

    procedure: str
    """SVC01: qualifier, code and modifiers, ``HC:99213:25``."""
    charge: Decimal
    """SVC02, US dollars."""
    units: Decimal
    """SVC07."""
    dates: DateRange | None
    """DTP 472; None where they are no days of the calendar."""
    revenue_code: str = ""
    """SVC04."""
    control_number: str = field(default="", repr=False)
    """REF FJ: the asker's own number of the line."""


@dataclass(frozen=True, slots=True)
class ClaimInquiry:
    """What a 276 asks about one claim: the typed form of one 2200D or 2200E loop with all loops above it."""

    source: Party
    """2100A: the payer asked."""
    receiver: Party
    """2100B: who gets the answer."""
    providers: tuple[Party, ...]
    """2100C: the provider of the service, once or twice (by two identifiers)."""
    subscriber: ClaimPatient
    dependent: ClaimPatient | None
    reference: str
    """BHT03."""
    trace: str = ""
    """TRN02 of the claim; empty where a subscriber's level names no claim at all."""
    claim_number: str = field(default="", repr=False)
    """REF 1K: the payer's own."""
    bill_type: str = ""
    """REF BLT."""
    location: str = ""
    """REF LU: application or location system."""
    group_number: str = field(default="", repr=False)
    """REF 6P."""
    patient_account: str = field(default="", repr=False)
    """REF EJ: the provider's own number of the patient or claim."""
    prescription: str = field(default="", repr=False)
    """REF XZ: of a pharmacy."""
    clearinghouse_number: str = field(default="", repr=False)
    """REF D9."""
    charge: Decimal | None = None
    """AMT T3, US dollars."""
    dates: DateRange | None = None
    """DTP 472 at the claim's level."""
    lines: tuple[LineInquiry, ...] = ()

    @property
    def days(self) -> DateRange | None:
        """From the first to the last day of service asked about: those of the claim, else of its lines."""
        if self.dates is not None or not self.lines:
            return self.dates
        periods = [line.dates for line in self.lines if line.dates is not None]
        if not periods:
            return None
        return DateRange(min(period.first for period in periods), max(period.last for period in periods))

    @property
    def patient(self) -> ClaimPatient:
        """Whose claim it is."""
        return self.subscriber if self.dependent is None else self.dependent


@dataclass(frozen=True, slots=True)
class ClaimStatusRequest:
    """One 276 transaction set."""

    control_number: str
    """ST02."""
    reference: str
    """BHT03."""
    inquiries: tuple[ClaimInquiry, ...]


@dataclass(frozen=True, slots=True)
class PayerContact:
    """Where a person at the payer can be asked (2100A PER)."""

    name: str = ""
    phone: str = ""
    """Ten digits."""
    email: str = ""


class Level(StrEnum):
    """A loop of the 277, above the patients, that can end an answer with an STC."""

    RECEIVER = "2200B"
    PROVIDER = "2200C"


_ENTITIES = {Level.RECEIVER: RECEIVER_ENTITIES, Level.PROVIDER: frozenset({"1P"})}


@dataclass(frozen=True, slots=True)
class Status:
    """One STC segment, and the reason for it."""

    codes: tuple[StatusCode, ...]
    """STC01, STC10, STC11: one to three."""
    effective: date
    """STC02."""
    charge: Decimal | None = None
    """STC04, US dollars: only of a claim that was found."""
    paid: Decimal | None = None
    """STC05, US dollars: once adjudicated, 0 where nothing is paid."""
    adjudicated: date | None = None
    """STC06."""
    payment_date: date | None = None
    """STC08: of the check or the transfer of funds."""
    payment_number: str = ""
    """STC09: of the check or the transfer of funds."""
    reason: str = ""
    """Which rule, over which part of which document, gave this status; never sent."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why nothing of a patient is told: the STC of 2200B or 2200C that ends an answer there.

    Raises:
        InvalidStatusError: an entity that the level does not allow (X12 005010X212).
    """

    level: Level
    status: Status

    def __post_init__(self) -> None:
        for code in self.status.codes:
            if code.pharmacy or (code.entity and code.entity not in _ENTITIES[self.level]):
                raise InvalidStatusError(f"{code} is not allowed in loop {self.level}")


@dataclass(frozen=True, slots=True)
class LineStatus:
    """One service line told (2220D/E).

    Raises:
        InvalidStatusError: codes that no STC of a line may hold.
    """

    procedure: str
    """SVC01, ``HC:99213:25``."""
    charge: Decimal
    """SVC02, US dollars."""
    paid: Decimal
    """SVC03, US dollars."""
    units: Decimal
    """SVC07."""
    dates: DateRange
    statuses: tuple[Status, ...]
    """At least one; of them only codes and day are sent."""
    revenue_code: str = ""
    control_number: str = field(default="", repr=False)
    """REF FJ."""

    def __post_init__(self) -> None:
        for status in self.statuses:
            check_claim_codes(status.codes)


@dataclass(frozen=True, slots=True)
class ClaimStatus:
    """One 2200D/E loop: what is said of one claim, or that none was found.

    Raises:
        InvalidStatusError: codes that no STC of a claim may hold.
    """

    statuses: tuple[Status, ...]
    """At least one."""
    references: tuple[Reference, ...] = ()
    """REF in the guide's order: 1K, BLT, EJ, XZ, VV, D9, each at most once."""
    dates: DateRange | None = None
    """DTP 472."""
    lines: tuple[LineStatus, ...] = ()

    def __post_init__(self) -> None:
        for status in self.statuses:
            check_claim_codes(status.codes)


@dataclass(frozen=True, slots=True)
class ClaimStatusAnswer:
    """What the 277 says to one inquiry: a refusal above the patient, or the claims, at least one of either."""

    inquiry: ClaimInquiry
    refusal: Refusal | None = None
    claims: tuple[ClaimStatus, ...] = ()

    @property
    def statuses(self) -> tuple[Status, ...]:
        """Every status of the answer above the service lines."""
        if self.refusal is not None:
            return (self.refusal.status,)
        return tuple(status for claim in self.claims for status in claim.statuses)
