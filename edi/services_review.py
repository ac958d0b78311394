"""A health care services review as a 278 asks for it, in typed values (005010X217, request).

Everything that the request says is kept, so that two requests are the same exactly when their values are. What no
decision reads stays as segments. An element of several components, or that repeats, holds the separators of
``edi.writing``. Values that may identify a patient stay out of ``repr``.
"""

from dataclasses import dataclass, field
from decimal import Decimal

from edi.eligibility import DateRange, Dates, Party, Patient, Trace
from edi.services_review_codes import CertificationType, LevelOfService, RequestCategory
from edi.services_review_lines import ServiceLine, Verbatim


@dataclass(frozen=True, slots=True)
class PostalAddress:
    """N3 and N4 of a loop. Empty means not sent."""

    lines: tuple[str, ...] = field(default=(), repr=False)
    """N301 and N302."""
    place: tuple[str, ...] = field(default=(), repr=False)
    """The elements of N4: city, state, postal code, country, and at N407 the subdivision."""


@dataclass(frozen=True, slots=True)
class Contact:
    """A PER segment: whom to call, and up to three numbers, each with its qualifier (TE, FX, EM, UR, EX)."""

    name: str = field(default="", repr=False)
    numbers: tuple[tuple[str, str], ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class PartyReference:
    """A REF of a party: qualifier, value, and the state that issued a license."""

    qualifier: str
    value: str = field(repr=False)
    state: str = ""
    """REF03."""


@dataclass(frozen=True, slots=True)
class ReviewParty:
    """An NM1 loop of anybody but the patient: payer, requester, provider, place of transport."""

    entity_code: str
    """NM101."""
    entity_type: str
    """NM102: 1 a person, 2 an organization."""
    name: str = field(default="", repr=False)
    first_name: str = field(default="", repr=False)
    middle_name: str = field(default="", repr=False)
    prefix: str = field(default="", repr=False)
    suffix: str = field(default="", repr=False)
    identifier_qualifier: str = ""
    """NM108."""
    identifier: str = field(default="", repr=False)
    references: tuple[PartyReference, ...] = ()
    address: PostalAddress = PostalAddress()
    contact: Contact | None = None
    specialty: Verbatim = ()
    """PRV."""

    @property
    def party(self) -> Party:
        """Who it is, as an eligibility inquiry names a party."""
        return Party(
            self.entity_code, self.entity_type, self.name, self.first_name, self.identifier_qualifier, self.identifier
        )


@dataclass(frozen=True, slots=True)
class ReviewPatient:
    """2010C or 2010D."""

    patient: Patient
    """As an eligibility inquiry names one."""
    prefix: str = field(default="", repr=False)
    """NM106."""
    address: PostalAddress = PostalAddress()
    military_status: str = ""
    """INS08."""
    birth_sequence: str = ""
    """INS17."""


@dataclass(frozen=True, slots=True)
class Review:
    """The UM segment: what is asked for."""

    category: RequestCategory
    certification: CertificationType
    service_type: str = ""
    """UM03."""
    facility: str = ""
    """UM04-1: a place of service, or a type of bill."""
    facility_qualifier: str = ""
    """UM04-2: B place of service, A type of bill."""
    level: LevelOfService | None = None
    """UM06."""
    related_causes: str = ""
    """UM05, all its components."""
    conditions: tuple[str, ...] = ()
    """UM07 to UM10: health status, prognosis, release of information, reason of delay; as many as were sent."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One element of an HI segment."""

    qualifier: str
    """``ABK`` principal, ``ABF`` other, ``ABJ`` admitting (ICD-10); ``BK``, ``BF``, ``BJ`` (ICD-9); ``DR`` group."""
    code: str = field(repr=False)
    day: str = field(default="", repr=False)
    """CCYYMMDD on which it was made, as sent."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """An HSD segment: how much, how often, for how long."""

    unit: str = ""
    """HSD01: DY days, FL units, HS hours, MN months, VS visits."""
    quantity: Decimal | None = None
    """HSD02."""
    pattern: tuple[str, ...] = ()
    """HSD03 to HSD08: per which period, periods, for which time, its length, days and hours of the week."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A PWK segment: a document that comes with a request, or that an answer asks for."""

    report_type: str
    """PWK01."""
    transmission: str
    """PWK02: BM mail, EL electronic, EM e-mail, FX fax, VO voice, AA on file (in a request)."""
    control_number: str = ""
    """PWK06."""
    description: str = field(default="", repr=False)
    """PWK07."""


@dataclass(frozen=True, slots=True)
class ReviewService:
    """One service of an event: the 2000F loop."""

    traces: tuple[Trace, ...] = ()
    review: Review | None = None
    """UM; None: as the event's."""
    authorization_number: str = ""
    """REF BB: of an earlier review."""
    administrative_reference: str = ""
    """REF NT: of an earlier review that was pended."""
    dates: tuple[Dates, ...] = ()
    """DTP 472."""
    line: ServiceLine | None = None
    teeth: tuple[Verbatim, ...] = ()
    """TOO."""
    delivery: Delivery | None = None
    attachments: tuple[Attachment, ...] = ()
    message: str = field(default="", repr=False)
    """MSG."""
    providers: tuple[ReviewParty, ...] = ()
    """2010F."""

    @property
    def period(self) -> DateRange | None:
        """The days of the service, where they are told."""
        return self.dates[0].period if self.dates else None


_EVENT, _ADMISSION, _DISCHARGE = "AAH", "435", "096"
"""DTP01."""


@dataclass(frozen=True, slots=True)
class ReviewEvent:
    """What is to happen to a patient: the 2000E loop, with its services."""

    review: Review
    traces: tuple[Trace, ...] = ()
    authorization_number: str = ""
    """REF BB: of an earlier review."""
    administrative_reference: str = ""
    """REF NT: of an earlier review that was pended."""
    dates: tuple[Dates, ...] = ()
    """DTP: AAH event, 435 admission, 096 discharge, 439 accident, 484 last menstrual period, ABC birth expected,
    431 onset."""
    diagnoses: tuple[Diagnosis, ...] = ()
    delivery: Delivery | None = None
    clinical: tuple[Verbatim, ...] = field(default=(), repr=False)
    """CRC, CL1, CR1, CR2, CR5, CR6."""
    attachments: tuple[Attachment, ...] = ()
    message: str = field(default="", repr=False)
    providers: tuple[ReviewParty, ...] = ()
    """2010EA."""
    transport: tuple[ReviewParty, ...] = ()
    """2010EB of a request: from where to where a patient is brought."""
    other_organizations: tuple[Verbatim, ...] = field(default=(), repr=False)
    """2010EC of a request: what other utilization management organizations have said."""
    services: tuple[ReviewService, ...] = ()

    def period_of(self, qualifier: str) -> DateRange | None:
        """The days under a DTP01; None where they are not told."""
        return next((dates.period for dates in self.dates if dates.qualifier == qualifier), None)

    @property
    def admission(self) -> DateRange | None:
        """The day on which a patient is admitted, or the days within which."""
        return self.period_of(_ADMISSION)

    @property
    def discharge(self) -> DateRange | None:
        """The day of discharge."""
        return self.period_of(_DISCHARGE)

    @property
    def period(self) -> DateRange | None:
        """The days of the event: as told, else the stay, else those from its first service to its last."""
        told = self.period_of(_EVENT)
        if told is not None:
            return told
        if self.admission is not None:
            last = self.discharge or self.admission
            return DateRange(self.admission.first, last.last)
        periods = [service.period for service in self.services if service.period is not None]
        if not periods:
            return None
        return DateRange(min(period.first for period in periods), max(period.last for period in periods))


@dataclass(frozen=True, slots=True)
class ReviewRequest:
    """One 278 request transaction set."""

    control_number: str
    """ST02."""
    reference: str
    """BHT03."""
    source: ReviewParty
    """2010A: the payer asked."""
    requester: ReviewParty
    """2010B: who asks."""
    subscriber: ReviewPatient
    dependent: ReviewPatient | None
    events: tuple[ReviewEvent, ...]
    """One. The guide's form lets none through, and one for the subscriber besides the dependent's."""
    purpose: str = ""
    """BHT06: RU a reservation; empty otherwise."""

    @property
    def patient(self) -> ReviewPatient:
        """Whom the request is about."""
        return self.subscriber if self.dependent is None else self.dependent
