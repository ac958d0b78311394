"""The JSON that tells of reviews: how one stands, in full for reviewers, and which wait.

Codes are X12's, with words beside those that decide. Moments, days and ranges of days are as in ISO 8601
(``2026-12-01T13:30:00-05:00``, ``2026-12-01``, ``2026-12-01/2026-12-05``), a quantity is decimal text. What is not
known is left out.
"""

from typing import Annotated

from msgspec import Meta

from gateway.doors.eligibility.response import Meaning, Told

DateInformation = Annotated[
    dict[str, str],
    Meta(
        description="By what happens: a day, 2026-12-01, or a range, 2026-12-01/2026-12-05",
        extra_json_schema={"examples": [{"issued": "2026-12-01"}]},
    ),
]


class WantedDocument(Told, frozen=True):
    """A document that is asked for."""

    report_type: str
    """PWK01."""
    transmission: str
    """PWK02: how it can be sent."""
    control_number: str = ""
    """PWK06: under which it is sent."""
    description: str = ""


class ReviewLevel(Told, frozen=True):
    """What is said to the event or to one service."""

    decision: str = ""
    """In words; left out where there is none."""
    code: str = ""
    """HCR01: A1 certified, A2 partly, A3 not certified, A4 pended, A6 modified, C cancelled, CT contact payer, NA not
    required."""
    number: str = ""
    """Of the certification."""
    reasons: tuple[str, ...] = ()
    """HCR03."""
    message: str = ""
    dates: DateInformation = {}
    """Asked for or granted, issued, expires, in effect."""
    quantity: str = ""
    """Asked for, or granted where something is."""
    unit: str = ""
    wanted: tuple[WantedDocument, ...] = ()
    wanted_loinc: tuple[str, ...] = ()
    """Documents asked for by LOINC code."""


class ReviewedService(ReviewLevel, frozen=True, kw_only=True):
    """What is said to one service."""

    service: int
    """Which of the request's, counted from 1."""
    procedure: str = ""


class ReviewError(Told, frozen=True):
    """One AAA segment."""

    code: str
    """AAA03."""
    description: str
    followup_action_code: str
    """AAA04."""
    followup_action: str
    location: str
    """``Loop 2000F``."""
    which: tuple[int, ...] = ()
    """Of a loop that repeats, which one, counted from 1: the provider, or the service and its provider."""


class HistoryStep(Told, frozen=True):
    """One event of the record."""

    kind: str
    at: str
    by: str = ""
    """Told to reviewers."""
    decision: str = ""
    """What a decision came to, in words."""
    text: str = ""
    """Of a message; one that is internal is told to reviewers alone."""
    control_number: str = ""
    """Of a document: PWK06 under which it was asked for."""
    loinc: str = ""
    """Of a document."""
    received_on: str = ""
    """The day on which a document came."""


class ReviewStanding(ReviewLevel, frozen=True, kw_only=True):
    """A review as it stands."""

    reference: str
    """Administrative: under which it can be asked for."""
    state: str
    """As ``decision``, or ``cancelled``."""
    final: bool
    """Whether nothing more will follow by itself."""
    received_at: str
    decided_at: str
    """When the latest decision was made."""
    decision_due_at: str | None = None
    """By when the payer has to have decided; left out where nothing is due."""
    services: tuple[ReviewedService, ...] = ()
    errors: tuple[ReviewError, ...] = ()
    """What was refused of the request."""
    history: tuple[HistoryStep, ...] = ()


class Patient(Told, frozen=True):
    """A person as on file."""

    last_name: str = ""
    first_name: str = ""
    member_id: str = ""
    date_of_birth: str = ""
    gender: str = ""
    relationship: str = ""


class AskingParty(Told, frozen=True):
    """The requester, or a provider."""

    role: str
    """NM101."""
    name: str = ""
    first_name: str = ""
    identifier_qualifier: str = ""
    identifier: str = ""


class AskedDiagnosis(Told, frozen=True):
    """One of HI."""

    qualifier: str
    code: str


class SentDocument(Told, frozen=True):
    """A document that the request names (PWK)."""

    report_type: str
    transmission: str
    control_number: str = ""
    description: str = ""


class AskedService(Told, frozen=True):
    """One service as it was asked for."""

    service: int
    procedure: str = ""
    revenue_code: str = ""
    quantity: str = ""
    unit: str = ""
    dates: DateInformation = {}
    message: str = ""
    documents: tuple[SentDocument, ...] = ()
    providers: tuple[AskingParty, ...] = ()


class AskedReview(Told, frozen=True):
    """What was asked for."""

    request_category: str
    """UM01."""
    certification_type: str
    """UM02."""
    service_type: str = ""
    place_of_service: str = ""
    level_of_service: str = ""
    urgent: bool = False
    dates: DateInformation = {}
    quantity: str = ""
    unit: str = ""
    message: str = ""
    diagnoses: tuple[AskedDiagnosis, ...] = ()
    documents: tuple[SentDocument, ...] = ()
    providers: tuple[AskingParty, ...] = ()
    services: tuple[AskedService, ...] = ()


class DueMoments(Told, frozen=True):
    """By when what is due."""

    decision: str
    """CMS-0057-F."""
    ask_for_documents: str = ""
    """CORE, as the others."""
    decision_after_documents: str = ""
    may_be_closed: str = ""


class ReviewFile(ReviewStanding, frozen=True, kw_only=True):
    """A review as a reviewer sees it."""

    submitter_id: str
    certification_number: str
    """That it has once it is certified."""
    requester: AskingParty
    patient: Patient
    subscriber: Patient | None = None
    """Where the patient is a dependent."""
    asked: AskedReview
    documents_at: str = ""
    """When documents came that the latest decision had asked for."""
    due: DueMoments | None = None


class ReviewReply(Told, frozen=True):
    """The answer to a request for review."""

    meta: Meaning
    trace_number: str
    """As asked."""
    review: ReviewStanding | None = None
    """The review that the request has become; left out where it was refused."""
    errors: tuple[ReviewError, ...] = ()
    """Why it was refused."""
    reason: str = ""
    """Why nothing can be asked now: ``outside service hours``, ``holiday or special hours``, ``maintenance``."""
    opens_at: str = ""
    """When it can be again; ``Retry-After`` tells the seconds until then."""
    x12: str = ""
    """The whole interchange with the 278, where it was asked for."""


class WaitingReview(Told, frozen=True):
    """A review that waits; nobody is named."""

    reference: str
    submitter_id: str
    received_at: str
    urgent: bool
    due_at: str
    overdue: bool
    documents_at: str = ""
    """When documents came that the latest decision had asked for."""


class WaitingReviews(Told, frozen=True):
    """Reviews that wait, those due first in front."""

    reviews: tuple[WaitingReview, ...]
    next: str | None
    """To be sent as ``after`` for those that follow; null: there are no more."""
