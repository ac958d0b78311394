"""A family's coverage as the payer holds it: the contract, its persons and what each has used up.

The documents are stored as JSON and read into these types, which refuse what a 271 could not tell
(``UntellableFact``). A day that ends something is its last day, included.
Whatever identifies a person stays out of ``repr``.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from edi.benefit_codes import INSURANCE_TYPES, RELATED_ENTITY_QUALIFIERS, CoverageLevel, NetworkIndicator
from rules.facts.tellable import UntellableFact, check_code, check_days, check_identifier, check_used

_GENDERS = ("", "F", "M", "U")
_MEMBER_ID_LENGTHS = (2, 80)
"""Of NM109, X12 data element 67."""
_REFERENCE_LENGTHS = (0, 50)
"""Of REF02, X12 data element 127."""


class Priority(StrEnum):
    """In which order a coverage pays where a person has several."""

    PRIMARY = "primary"
    SECONDARY = "secondary"
    TERTIARY = "tertiary"


class Standing(StrEnum):
    """What else than its dates decides whether a coverage is active."""

    NORMAL = "normal"
    PENDING = "pending"
    """Active, the member's change of eligibility not yet worked: EB01 5."""
    PENDING_UPDATE = "pending update"
    """Inactive until the member's data are brought up to date: EB01 7."""
    UNDER_INVESTIGATION = "under investigation"
    """Inactive while it is looked into: EB01 8."""


class AmountKind(StrEnum):
    """What an amount is counted towards."""

    DEDUCTIBLE = "deductible"
    OUT_OF_POCKET = "out of pocket"


@dataclass(frozen=True, slots=True)
class Address:
    """Where somebody lives or can be written to, as N3 and N4 have it."""

    lines: tuple[str, ...] = field(default=(), repr=False)
    """One or two."""
    city: str = field(default="", repr=False)
    state: str = ""
    postal_code: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Contact:
    """Another party that an answer points to (2120): a vendor, another payer, a doctor."""

    name: str
    first_name: str = ""
    """Of a person; empty for an organization."""
    identifier_qualifier: str = ""
    """NM108: ``PI`` payer, ``XX`` NPI, ``FI`` tax id."""
    identifier: str = ""
    phone: str = ""
    """Ten digits."""
    web: str = ""
    address: Address | None = None

    def __post_init__(self) -> None:
        if self.identifier or self.identifier_qualifier:
            check_code("identifier_qualifier", self.identifier_qualifier, RELATED_ENTITY_QUALIFIERS)
            check_identifier("identifier", self.identifier, *_MEMBER_ID_LENGTHS)


@dataclass(frozen=True, slots=True)
class Accumulator:
    """How much of a deductible or out-of-pocket maximum has been used in one period."""

    kind: AmountKind
    level: CoverageLevel
    """IND or FAM."""
    used: Decimal
    """US dollars."""
    period_begin: date
    """First day of the period for which it counts; of another period it says nothing."""
    network: NetworkIndicator = NetworkIndicator.BOTH
    tier: str = ""
    service_type: str = ""
    """For a benefit's own deductible the first of the benefit's service types; empty for the plan's."""

    def __post_init__(self) -> None:
        check_used("used", self.used)


@dataclass(frozen=True, slots=True)
class UsedLimit:
    """How much of a benefit limit of the plan has been used."""

    limit: str
    """The limit's name in the plan."""
    used: Decimal
    """In the limit's own unit: visits, days or US dollars."""
    period_begin: date | None = None
    """First day of the period for which it counts; None for a limit of a lifetime."""

    def __post_init__(self) -> None:
        check_used("used", self.used)


@dataclass(frozen=True, slots=True)
class Coverage:
    """One span of one plan for one person. A termination ends a span; a reinstatement is another one."""

    plan_id: str
    begin: date
    end: date | None = None
    """Last day covered; None: open."""
    insurance_line: str = ""
    """HD03 of the 834 that enrolled: ``HLT`` health, ``DEN`` dental, ``VIS`` vision ...; empty: not told."""
    group_number: str = ""
    priority: Priority = Priority.PRIMARY
    standing: Standing = Standing.NORMAL
    eligibility_begin: date | None = None
    """Since when the person is eligible, where that is not ``begin`` (a waiting time, an earlier employer's plan)."""
    eligibility_end: date | None = None
    accumulators: tuple[Accumulator, ...] = ()
    """Those of the family stand with each of its persons."""
    used_limits: tuple[UsedLimit, ...] = ()

    def __post_init__(self) -> None:
        check_identifier("group_number", self.group_number, *_REFERENCE_LENGTHS)
        check_days(
            begin=self.begin,
            end=self.end,
            eligibility_begin=self.eligibility_begin,
            eligibility_end=self.eligibility_end,
        )


@dataclass(frozen=True, slots=True)
class PrimaryCareProvider:
    """The doctor whom a person has chosen or been given, and for which time."""

    contact: Contact
    begin: date
    end: date | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """The subscriber or a dependent."""

    number: str
    """Within the contract; ``01`` is the subscriber."""
    last_name: str = field(repr=False)
    first_name: str = field(repr=False)
    birth_date: date = field(repr=False)
    middle_name: str = field(default="", repr=False)
    suffix: str = field(default="", repr=False)
    relationship: str = "18"
    """18 the subscriber, 01 spouse, 19 child; a code that INS02 of an answer does not have is told as G8, another."""
    gender: str = field(default="", repr=False)
    """F, M or U; empty: not on file."""
    death_date: date | None = field(default=None, repr=False)
    address: Address | None = field(default=None, repr=False)
    own_id: str = field(default="", repr=False)
    """A dependent's own member id; empty: has the subscriber's."""
    former_last_names: tuple[str, ...] = field(default=(), repr=False)
    """Names by which the person may still be asked for; the answer corrects them."""
    coverages: tuple[Coverage, ...] = ()
    primary_care_provider: PrimaryCareProvider | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        check_code("gender", self.gender, _GENDERS)
        check_days(birth_date=self.birth_date)
        if self.own_id:
            check_identifier("own_id", self.own_id, *_MEMBER_ID_LENGTHS)


@dataclass(frozen=True, slots=True)
class OtherPayer:
    """Another payer of a person's care (coordination of benefits)."""

    payer: Contact
    priority: Priority
    """Where that payer stands, not where we do."""
    begin: date
    end: date | None = None
    insurance_type: str = ""
    """EB04."""
    member_id: str = field(default="", repr=False)
    """The person's own with that payer."""
    group_number: str = ""
    persons: tuple[str, ...] = ()
    """Numbers of the persons whom it covers; empty: all."""

    def __post_init__(self) -> None:
        if self.insurance_type:
            check_code("insurance_type", self.insurance_type, INSURANCE_TYPES)
        check_identifier("member_id", self.member_id, *_REFERENCE_LENGTHS)
        check_identifier("group_number", self.group_number, *_REFERENCE_LENGTHS)
        check_days(begin=self.begin, end=self.end)


@dataclass(frozen=True, slots=True)
class Contract:
    """A subscriber with the dependents."""

    contract_id: str
    """The payer's own key, never sent."""
    subscriber_id: str = field(repr=False)
    """The member id on the card."""
    persons: tuple[Person, ...]
    """The subscriber first."""
    former_ids: tuple[str, ...] = field(default=(), repr=False)
    """Ids of earlier cards, by which the contract is still found; the answer corrects them."""
    other_payers: tuple[OtherPayer, ...] = ()

    def __post_init__(self) -> None:
        check_identifier("subscriber_id", self.subscriber_id, *_MEMBER_ID_LENGTHS)
        if not self.persons:
            raise UntellableFact("a contract has a subscriber")

    @property
    def subscriber(self) -> Person:
        """The person whose contract it is."""
        return self.persons[0]
