"""Enrollment in typed values: what an 834 says of each member (005010X220A1).

Values that may identify a member stay out of ``repr``. A position is that of a segment in its transaction set, the ST
being 1.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from edi.eligibility import Reference
from edi.services_review import PostalAddress

NO_ADDRESS = PostalAddress()
_GROUP = "1L"


class FileAction(StrEnum):
    """BGN08: what the set is to be used for."""

    CHANGE = "2"
    """It holds only what has changed."""
    VERIFY = "4"
    """It holds everybody, to be compared with what the payer has."""
    REPLACE = "RX"
    """It holds everybody, to stand in the place of what the payer has."""

    @property
    def holds_everybody(self) -> bool:
        """Whether this is a full file."""
        return self is not FileAction.CHANGE


class Maintenance(StrEnum):
    """INS03 and HD01: what is to be done."""

    CHANGE = "001"
    DELETE = "002"
    """HD01 only, as are the others without a remark of their own at INS03: undo what never was."""
    ADDITION = "021"
    TERMINATION = "024"
    REINSTATEMENT = "025"
    CORRECTION = "026"
    AUDIT = "030"
    """Audit or compare: this is how it is, whatever the payer has."""
    NOT_APPLICABLE = "032"
    """The coverage does not concern the payer."""


@dataclass(frozen=True, slots=True)
class EnrollmentDate:
    """A DTP segment."""

    qualifier: str
    """DTP01: ``303`` maintenance effective, ``348`` and ``349`` benefit begin and end, ``356`` and ``357`` eligibility
    begin and end, ``336`` and ``337`` employment begin and end."""
    day: date


Dates = tuple[EnrollmentDate, ...]


def find_day(dates: Sequence[EnrollmentDate], *qualifiers: str) -> date | None:
    """The day with the first of these qualifiers that is there; None when none is."""
    for qualifier in qualifiers:
        for each in dates:
            if each.qualifier == qualifier:
                return each.day
    return None


@dataclass(frozen=True, slots=True)
class EnrollmentHeader:
    """What a set says of all its members."""

    action: FileAction
    policy_number: str = ""
    """REF 38, the master policy."""
    dates: Dates = ()
    """``007`` effective, ``303`` maintenance effective, and others."""


@dataclass(frozen=True, slots=True)
class MemberName:
    """NM1 and DMG of loop 2100A or 2100B. Empty means not sent."""

    last_name: str = field(default="", repr=False)
    first_name: str = field(default="", repr=False)
    middle_name: str = field(default="", repr=False)
    suffix: str = field(default="", repr=False)
    birth_date: date | None = field(default=None, repr=False)
    gender: str = field(default="", repr=False)
    """DMG03: F, M or U."""


@dataclass(frozen=True, slots=True)
class CareProvider:
    """Loop 2310: a provider whom the member has chosen or been given."""

    entity_code: str
    """NM101: ``P3`` primary care."""
    name: str = field(default="", repr=False)
    first_name: str = field(default="", repr=False)
    identifier_qualifier: str = ""
    """NM108."""
    identifier: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)
    address: PostalAddress = NO_ADDRESS
    changed: date | None = None
    """PLA03, when this provider took the place of another."""


@dataclass(frozen=True, slots=True)
class OtherInsurance:
    """Loops 2320 and 2330: another payer of the member's care."""

    responsibility: str
    """COB01: where that payer stands, P first, S second, T third, U unknown."""
    coordination: str
    """COB03: 1 coordinated, 5 unknown, 6 there is none."""
    policy_number: str = field(default="", repr=False)
    """COB02, the member's with that payer."""
    references: tuple[Reference, ...] = ()
    dates: Dates = ()
    """``344`` and ``345``, begin and end."""
    name: str = ""
    """NM103."""
    identifier_qualifier: str = ""
    """NM108."""
    identifier: str = ""
    phone: str = ""
    address: PostalAddress = NO_ADDRESS


@dataclass(frozen=True, slots=True)
class CoverageEnrollment:
    """Loop 2300: one coverage of a member."""

    position: int
    """Of the HD."""
    maintenance: Maintenance
    insurance_line: str
    """HD03: ``HLT`` health, ``DEN`` dental, ``VIS`` vision ..."""
    plan_code: str = ""
    """HD04."""
    level: str = ""
    """HD05: ``FAM`` family, ``EMP`` employee only, ``DEP`` dependents only ..."""
    dates: Dates = ()
    references: tuple[Reference, ...] = ()
    providers: tuple[CareProvider, ...] = ()
    other_insurances: tuple[OtherInsurance, ...] = ()


@dataclass(frozen=True, slots=True)
class MemberEnrollment:
    """Loop 2000: one member."""

    header: EnrollmentHeader
    """Of the set."""
    position: int
    """Of the INS."""
    maintenance: Maintenance
    is_subscriber: bool
    """INS01."""
    relationship: str
    """INS02: 18 the subscriber, 01 spouse, 19 child ..."""
    subscriber_id: str = field(repr=False)
    """REF 0F."""
    name: MemberName = field(repr=False)
    is_correction: bool = False
    """NM101 is 74: the name or what goes with it was wrong before."""
    former: MemberName | None = field(default=None, repr=False)
    """Loop 2100B: how it was wrong."""
    reason: str = ""
    """INS04."""
    death_date: date | None = field(default=None, repr=False)
    address: PostalAddress = field(default=NO_ADDRESS, repr=False)
    """Of residence."""
    references: tuple[Reference, ...] = ()
    """The other REF segments of loop 2000: ``1L`` group, ``23`` the member's own id, ``Q4`` prior subscriber id,
    ``17`` reporting category."""
    dates: Dates = ()
    coverages: tuple[CoverageEnrollment, ...] = ()

    def reference(self, *qualifiers: str) -> str:
        """The number with the first of these qualifiers that is there; empty when none is."""
        return find_reference(self.references, *qualifiers)


def group_of(member: MemberEnrollment, coverage: CoverageEnrollment) -> str:
    """The group (REF 1L) of a coverage, else of its member, else the policy of all in the set; empty when not told."""
    return find_reference(coverage.references, _GROUP) or member.reference(_GROUP) or member.header.policy_number


def find_reference(references: Sequence[Reference], *qualifiers: str) -> str:
    """The value with the first of these qualifiers that is there; empty when none is."""
    for qualifier in qualifiers:
        for each in references:
            if each.qualifier == qualifier:
                return each.value
    return ""
