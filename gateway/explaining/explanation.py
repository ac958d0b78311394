"""Why an answer was what it was: plain values for people and for JSON, masked where they identify a patient."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Asker:
    """For which provider it was asked, and what entitled the submitter to."""

    identifier_qualifier: str
    """NM108 of loop 2100B."""
    identifier: str
    provider_id: str
    """The payer's own; empty: nobody on file has the identifier."""
    name: str
    tin: str = ""
    """Of the entitlement, as all that follows; empty: there was none."""
    function: str = ""
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    granted_by: str = ""


@dataclass(frozen=True, slots=True)
class Member:
    """A person as the inquiry named one, masked unless an operator asked otherwise."""

    loop: str
    last_name: str = field(repr=False)
    first_name: str = field(repr=False)
    member_id: str = field(repr=False)
    birth_date: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class CoverageSeen:
    """One coverage of the person who was found."""

    plan: str
    begin: date
    end: date | None
    """Its last day; None: open."""


@dataclass(frozen=True, slots=True)
class Match:
    """Who was found to be meant."""

    searched_by: Sequence[str]
    """The names of the elements that were searched by."""
    matched_by: Sequence[str]
    """The names of the elements that were sent and agree with the file."""
    contract: str = field(repr=False)
    """The payer's own key, masked unless an operator asked otherwise."""
    person: str
    """Number within the contract."""
    coverages: Sequence[CoverageSeen]
    id_changed: bool
    name_changed: bool


@dataclass(frozen=True, slots=True)
class Refusal:
    """One AAA and the rule behind it."""

    loop: str
    code: str
    """AAA03."""
    action: str
    """AAA04."""
    meaning: str
    element: str
    mend: str


@dataclass(frozen=True, slots=True)
class Line:
    """One EB line, one STC, or one level of a review that is decided, with its reason."""

    segments: Sequence[str]
    """The EB and its DTP, MSG, III and AAA, the STC, or the HCR and its REF, PWK and MSG, with the usual delimiters."""
    rule: str
    source: str
    """The document, and the part of it, that the rule was applied to."""
    refusals: Sequence[Refusal] = ()
    meanings: Sequence[str] = ()
    """What the codes of an STC say, in words."""


@dataclass(frozen=True, slots=True)
class PatientExplained:
    """The answer about one patient."""

    asker: Asker
    members: Sequence[Member]
    match: Match | None
    """None: nobody was identified."""
    refusals: Sequence[Refusal]
    lines: Sequence[Line]


@dataclass(frozen=True, slots=True)
class ServiceHours:
    """Whether the function was open when the inquiry came."""

    function: str
    is_open: bool
    reason: str
    detail: str
    """The special day's name or the maintenance's reason."""
    changes_at: datetime | None = None
    """When it closed, or opened, next."""
    window: str = ""
    """The hours that it was open by, or that it would open by next; empty: it has none, or there are none to come."""


@dataclass(frozen=True, slots=True)
class ReviewStep:
    """One event of a review's history."""

    kind: str
    made_by: str
    """A reviewer is not named unless an operator asked otherwise."""
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class ReviewStory:
    """A review that was answered, as its record stood then."""

    administrative_reference: str
    certification_number: str
    """Told once it is certified."""
    is_told_from_file: bool
    """Whether the same request had come before, and what was on file was told again."""
    decided_by: str
    """``rules``, ``clock`` or the reviewer, as in the steps."""
    decided_at: datetime
    history: Sequence[ReviewStep]
    """Internal messages are left out unless an operator asked otherwise."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that was wrong with the X12, as a TA1 or 999 told it."""

    code: str
    """``TA1 006``, ``IK4 7``."""
    place: str
    """``transaction set 0001, segment 7, loop 2100C``; empty for the interchange."""
    meaning: str
    mend: str


@dataclass(frozen=True, slots=True)
class UsedFact:
    """A fact that the answer rests on."""

    kind: str
    name: str = field(repr=False)
    """What was looked up, masked where it is a member's."""
    version: int
    """0: there had never been anything."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """All about one answer."""

    trace: str
    control_number: int | None
    """ISA13 of the answer."""
    submitter_id: str
    received_at: datetime
    recorded_at: datetime
    sent_at: datetime | None
    """None: it never left."""
    transaction: str
    mode: str
    outcome: str
    references: Mapping[str, str]
    """The submitter's own numbers, by X12's names of the elements."""
    program: str
    """The version of the program that answered."""
    is_same: bool
    """Whether computing it again gave the same answer, byte for byte; control numbers and envelope aside."""
    hours: ServiceHours | None
    """None: nothing was asked that has hours."""
    patients: Sequence[PatientExplained]
    faults: Sequence[Fault]
    facts: Sequence[UsedFact]
    stages: Mapping[str, float]
    """Seconds by stage, at the time."""
    released_at: datetime | None = None
    """When a request that was held until its function opened was answered; None: it was not held."""
    review: ReviewStory | None = None
    """None: no review was decided or told."""
    answer: Sequence[str] = field(default=(), repr=False)
    """The segments of the answer without its envelope; empty when masked."""
