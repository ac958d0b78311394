"""What a plan pays: amounts, and for each service type whether, how much and how often.

A plan is one document, shared by all who have it. Amounts are US dollars, shares are fractions (0.2 is 20 %). The types
refuse what a 271 could not tell (``UntellableFact``).
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from edi.benefit_codes import (
    INSURANCE_TYPES,
    SERVICE_TYPES,
    BenefitKind,
    CoverageLevel,
    NetworkIndicator,
    TimePeriod,
)
from rules.facts.coverage import AmountKind, Contact
from rules.facts.tellable import check_amount, check_code, check_count, check_identifier, check_share

_PLACES_MAX = 10
"""III segments of an EB."""
_PLACE_LENGTHS = (1, 30)
"""Of III02, X12 data element 1271."""
_LEVELS = (CoverageLevel.INDIVIDUAL, CoverageLevel.FAMILY)
_ACTIVE_KINDS = (
    BenefitKind.ACTIVE,
    BenefitKind.ACTIVE_FULL_RISK,
    BenefitKind.ACTIVE_SERVICES_CAPITATED,
    BenefitKind.ACTIVE_CAPITATED_TO_PCP,
)


class YearBasis(StrEnum):
    """Which year deductibles, maxima and yearly limits are counted in."""

    CALENDAR = "calendar"
    """EB06 23."""
    SERVICE = "service"
    """A plan year that begins on the plan's own day: EB06 22."""
    CONTRACT = "contract"
    """From the day of the year on which the person's coverage began: EB06 25."""


class ServiceStatus(StrEnum):
    """What a plan has to say about a service type."""

    COVERED = "covered"
    NOT_COVERED = "not covered"
    FOLDED = "folded"
    """Paid as part of another service type."""
    CARVED_OUT = "carved out"
    """Covered, but administered by a vendor who has to be asked."""


class DeductibleRule(StrEnum):
    """Whether the deductible has to be met before a service is paid."""

    APPLIES = "applies"
    EXEMPT = "exempt"
    OWN = "own"
    """The service has a deductible of its own instead."""


class LimitUnit(StrEnum):
    """What a limit counts."""

    VISITS = "visits"
    DAYS = "days"
    HOURS = "hours"
    SERVICES = "services"
    DOLLARS = "dollars"
    CO_INSURANCE_DAYS = "co-insurance days"
    LIFETIME_RESERVE_DAYS = "lifetime reserve days"


class ProcedureCategory(StrEnum):
    """The kinds of procedures that can be asked for by code (CAQH CORE vEB.2.0)."""

    PHYSICAL_THERAPY = "physical therapy"
    OCCUPATIONAL_THERAPY = "occupational therapy"
    SURGERY = "surgery"
    IMAGING = "imaging"


@dataclass(frozen=True, slots=True)
class PlanAmount:
    """A deductible or an out-of-pocket maximum. Zero is an amount; where there is none, there is no row."""

    kind: AmountKind
    level: CoverageLevel
    """IND or FAM."""
    amount: Decimal
    network: NetworkIndicator = NetworkIndicator.BOTH
    tier: str = ""

    def __post_init__(self) -> None:
        check_code("level", self.level, _LEVELS)
        check_amount("amount", self.amount)


@dataclass(frozen=True, slots=True)
class Cost:
    """What the patient pays for a service in a network, tier or place."""

    network: NetworkIndicator = NetworkIndicator.BOTH
    covered: bool = True
    """False: nothing is paid in this network."""
    co_payment: Decimal | None = None
    """Per visit unless ``co_payment_period`` says otherwise; None: the plan has none, which is told as zero."""
    co_payment_period: TimePeriod = TimePeriod.VISIT
    co_insurance: Decimal | None = None
    """The patient's share; None: the plan has none, which is told as zero."""
    deductible: DeductibleRule = DeductibleRule.APPLIES
    own_deductibles: tuple[PlanAmount, ...] = ()
    """For ``DeductibleRule.OWN``."""
    tier: str = ""
    """The provider tier's name, for plans that have tiers."""
    places_of_service: tuple[str, ...] = ()
    """CMS codes where this differs from elsewhere: 02 and 10 are telehealth. Empty: everywhere else."""
    authorization_required: bool | None = None
    """None: as the service's."""
    messages: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.co_payment is not None:
            check_amount("co_payment", self.co_payment)
        if self.co_insurance is not None:
            check_share("co_insurance", self.co_insurance)
        check_count("places of service", self.places_of_service, _PLACES_MAX)
        for place in self.places_of_service:
            check_identifier("place of service", place, *_PLACE_LENGTHS)


@dataclass(frozen=True, slots=True)
class Limit:
    """How often or how much a service is paid."""

    name: str
    """Unique in the plan: what a person has used is told under it. Services may share a limit."""
    quantity: Decimal
    unit: LimitUnit
    period: TimePeriod
    """CALENDAR_YEAR stands for the plan's own year whatever its basis; also LIFETIME, VISIT, EPISODE, ADMISSION."""
    network: NetworkIndicator = NetworkIndicator.BOTH
    message: str = ""

    def __post_init__(self) -> None:
        check_amount("quantity", self.quantity)


@dataclass(frozen=True, slots=True)
class ServiceBenefit:
    """What the plan has to say about service types that are treated alike."""

    service_types: tuple[str, ...]
    """EB03 codes."""
    status: ServiceStatus = ServiceStatus.COVERED
    folded_into: str = ""
    """The containing service type, when folded."""
    costs: tuple[Cost, ...] = ()
    limits: tuple[Limit, ...] = ()
    authorization_required: bool | None = None
    """None: unknown."""
    discretionary: bool = False
    """Only status, plan name and dates are told."""
    plan_name: str = ""
    """Where it differs from the plan's: a pharmacy or dental rider."""
    vendor: Contact | None = None
    """Who administers it, when carved out."""
    messages: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for code in self.service_types:
            check_code("service type", code, SERVICE_TYPES)


@dataclass(frozen=True, slots=True)
class ProcedureBenefit:
    """How procedures of a category are paid: as a service type, with an authorization rule of their own."""

    category: ProcedureCategory
    service_type: str
    authorization_required: bool | None = None
    """None: as the service type's."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A benefit plan."""

    plan_id: str
    name: str
    """EB05."""
    insurance_type: str
    """EB04: ``PR`` preferred provider, ``HM`` HMO, ``EP`` exclusive provider, ``MA`` and ``MB`` Medicare parts."""
    benefits: tuple[ServiceBenefit, ...]
    """No service type stands in two of them."""
    active_kind: BenefitKind = BenefitKind.ACTIVE
    """EB01 of active coverage: 1 to 4."""
    year: YearBasis = YearBasis.CALENDAR
    year_begins: date = date(2000, 1, 1)
    """Month and day on which the service year begins; its year says nothing."""
    amounts: tuple[PlanAmount, ...] = ()
    procedures: tuple[ProcedureBenefit, ...] = ()
    messages: tuple[str, ...] = ()
    """Told once, with the plan."""

    def __post_init__(self) -> None:
        if self.insurance_type:
            check_code("insurance_type", self.insurance_type, INSURANCE_TYPES)
        check_code("active_kind", self.active_kind, _ACTIVE_KINDS)
