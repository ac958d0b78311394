"""Eligibility in typed values: the 270's inquiry and the 271's answer (005010X279A1).

Values that may identify a patient stay out of ``repr``.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from edi.aaa import FollowUpAction, Loop, RejectReason, check_placement
from edi.benefit_codes import BenefitKind, CoverageLevel, NetworkIndicator, TimePeriod


@dataclass(frozen=True, slots=True)
class Party:
    """Who stands in an NM1: an information source or receiver."""

    entity_code: str
    """NM101."""
    entity_type: str
    """NM102: 1 a person, 2 an organization."""
    name: str = field(default="", repr=False)
    """NM103."""
    first_name: str = field(default="", repr=False)
    identifier_qualifier: str = ""
    """NM108."""
    identifier: str = field(default="", repr=False)
    """NM109."""
    middle_name: str = field(default="", repr=False)
    """NM105, of a provider in a 276."""
    suffix: str = field(default="", repr=False)
    """NM107, of a provider in a 276."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A REF segment: qualifier and value."""

    qualifier: str
    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Trace:
    """A TRN segment: whose number (originator) for this patient's inquiry."""

    type_code: str
    """TRN01: 1 current transaction, 2 referenced transaction."""
    number: str
    originator: str
    additional: str = ""


@dataclass(frozen=True, slots=True)
class DateRange:
    """A date or a range of dates, both ends included."""

    first: date
    last: date

    @property
    def is_single(self) -> bool:
        """Whether it is one day."""
        return self.first == self.last


@dataclass(frozen=True, slots=True)
class Patient:
    """A subscriber (2100C) or dependent (2100D) as an inquiry names one. Empty means not sent."""

    last_name: str = field(default="", repr=False)
    first_name: str = field(default="", repr=False)
    middle_name: str = field(default="", repr=False)
    suffix: str = field(default="", repr=False)
    member_id: str = field(default="", repr=False)
    """NM109 under qualifier MI."""
    birth_date: date | None = field(default=None, repr=False)
    birth_date_sent: str = field(default="", repr=False)
    """DMG02 as sent, so that an impossible date can be echoed."""
    gender: str = field(default="", repr=False)
    references: tuple[Reference, ...] = ()
    relationship: str = ""
    """INS02 of the inquiry."""
    dates: DateRange | None = None
    """DTP 291 at this level."""


@dataclass(frozen=True, slots=True)
class ServiceInquiry:
    """One EQ with what stands below it (2110C/D)."""

    service_types: tuple[str, ...] = ()
    """EQ01, one or more codes."""
    procedure: str = ""
    """EQ02: qualifier and code, ``HC:99213``, empty when not sent."""
    coverage_level: str = ""
    """EQ03."""
    dates: DateRange | None = None
    """DTP 291 at this level."""


@dataclass(frozen=True, slots=True)
class EligibilityInquiry:
    """What a 270 asks about one patient: the typed form of one 2000C or 2000D loop with all loops above it."""

    source: Party
    """2100A: the payer asked."""
    receiver: Party
    """2100B: the provider (or other party) who asks."""
    receiver_references: tuple[Reference, ...]
    subscriber: Patient
    dependent: Patient | None
    traces: tuple[Trace, ...]
    """TRN of the patient's loop."""
    services: tuple[ServiceInquiry, ...]
    """At least one."""
    reference: str
    """BHT03."""

    @property
    def patient(self) -> Patient:
        """Whom the inquiry is about."""
        return self.subscriber if self.dependent is None else self.dependent

    @property
    def patient_loop(self) -> Loop:
        """2100C or 2100D."""
        return Loop.SUBSCRIBER if self.dependent is None else Loop.DEPENDENT


@dataclass(frozen=True, slots=True)
class EligibilityRequest:
    """One 270 transaction set: all that its BHT and ST say, and an inquiry for each patient asked about."""

    control_number: str
    """ST02."""
    reference: str
    """BHT03."""
    purpose: str
    """BHT02: 13 request, 01 cancellation (of a spend-down report)."""
    inquiries: tuple[EligibilityInquiry, ...]


@dataclass(frozen=True, slots=True)
class Rejection:
    """One AAA segment. Cannot be made with a code that its loop does not allow (X12 005010X279A1)."""

    loop: Loop
    reason: RejectReason
    action: FollowUpAction
    request_valid: bool = False
    """AAA01: whether the request was valid and refused all the same."""

    def __post_init__(self) -> None:
        check_placement(self.loop, self.reason, self.action)


@dataclass(frozen=True, slots=True)
class Dates:
    """A DTP segment: qualifier and day or range."""

    qualifier: str
    period: DateRange


@dataclass(frozen=True, slots=True)
class RelatedEntity:
    """A 2120 loop: another party that a benefit points to (payer, vendor, primary care provider)."""

    entity_code: str
    entity_type: str
    name: str
    identifier_qualifier: str = ""
    identifier: str = ""
    address: tuple[str, ...] = ()
    """Lines of N3, then city, state, postal code for N4: at most five."""
    phone: str = ""
    web: str = ""
    first_name: str = ""
    """NM104, of a person."""


@dataclass(frozen=True, slots=True)
class Benefit:
    """One EB segment with what stands below it (2110C/D), and the reason for it."""

    kind: BenefitKind
    """EB01."""
    service_types: tuple[str, ...] = ()
    """EB03."""
    level: CoverageLevel | None = None
    """EB02."""
    insurance_type: str = ""
    """EB04."""
    plan_name: str = ""
    """EB05."""
    period: TimePeriod | None = None
    """EB06."""
    amount: Decimal | None = None
    """EB07, US dollars."""
    percent: Decimal | None = None
    """EB08, the patient's share as a fraction: 0.2 is 20 %."""
    quantity_qualifier: str = ""
    """EB09."""
    quantity: Decimal | None = None
    """EB10."""
    authorization_required: bool | None = None
    """EB11."""
    network: NetworkIndicator | None = None
    """EB12."""
    procedure: str = ""
    """EB13: qualifier and code, ``HC:99213``."""
    dates: tuple[Dates, ...] = ()
    references: tuple[Reference, ...] = ()
    places_of_service: tuple[str, ...] = ()
    """III under ZZ."""
    messages: tuple[str, ...] = ()
    """MSG, at most ten."""
    related: tuple[RelatedEntity, ...] = ()
    rejections: tuple[Rejection, ...] = ()
    """AAA of this loop: why what was asked here is not answered."""
    reason: str = ""
    """Which rule, over which part of which document, gave this line; never sent."""
    written: str = field(default="", init=False, repr=False, compare=False)
    """The composed segments, kept by the writer: the lines of a plan are shared by the answers of all its members."""


@dataclass(frozen=True, slots=True)
class Member:
    """A person as the payer's files know one, for the NM1, N3, N4, DMG and INS of an answer."""

    last_name: str = field(repr=False)
    first_name: str = field(default="", repr=False)
    middle_name: str = field(default="", repr=False)
    suffix: str = field(default="", repr=False)
    member_id: str = field(default="", repr=False)
    birth_date: date | None = field(default=None, repr=False)
    birth_date_sent: str = field(default="", repr=False)
    gender: str = field(default="", repr=False)
    address: tuple[str, ...] = field(default=(), repr=False)
    """Street lines of N3, then city, state and postal code of N4; empty when not known."""
    references: tuple[Reference, ...] = ()
    relationship: str = ""
    """INS02 of a dependent; empty: none is told."""
    changed: bool = False
    """Whether identifying data differ from what was asked: INS03 001, INS04 25."""
    dates: tuple[Dates, ...] = ()


@dataclass(frozen=True, slots=True)
class EligibilityAnswer:
    """What the 271 says to one inquiry.

    With rejections at a loop nothing below that loop is told; ``subscriber`` is None when a rejection stands above it.
    Those of loop 2110C/D stand with their benefit line.
    """

    inquiry: EligibilityInquiry
    rejections: tuple[Rejection, ...] = ()
    subscriber: Member | None = None
    dependent: Member | None = None
    benefits: tuple[Benefit, ...] = ()
    trace: str = ""
    """Our own number for this answer (TRN01 1), by which it can be explained."""

    @property
    def every_rejection(self) -> tuple[Rejection, ...]:
        """All AAA of the answer: those above the benefits and those that stand with one."""
        return self.rejections + tuple([rejection for benefit in self.benefits for rejection in benefit.rejections])
