"""A review as it stands on file: what a repeated request, or one that follows it up, is held against."""

from dataclasses import dataclass, field
from datetime import date, datetime

from edi.services_review_answer import ReviewAnswer
from edi.services_review_codes import CertificationAction


@dataclass(frozen=True, slots=True)
class StandingDecision:
    """The latest decision about a review, in full."""

    submitter_id: str
    """Who asked for the review."""
    answer: ReviewAnswer = field(repr=False)
    covered_until: date | None
    """Last day of the coverage by which it was decided; None: open."""
    asked_at: datetime
    """Since when the documents that it asks for have been asked for."""


@dataclass(frozen=True, slots=True)
class ReviewOnFile:
    """A review and its latest decision."""

    review_id: int
    trace: str
    """Digest by which the request is known again (``rules.reviews.RequestIdentity``)."""
    content: str
    """Digest of all that the request says."""
    contract_id: str
    person: str
    """The patient's number in the contract."""
    number: str
    """Of the certification; empty where there is none, or none yet."""
    action: CertificationAction
    """Of the event, as it stands now."""
    answer_trace: str
    """Our own number for the answer."""
    segments: tuple[str, ...] = field(repr=False)
    """The answer, composed, ST to before SE."""
    received_at: datetime | None = None
    """When its request came; None: it was read before this was told."""
    decision: StandingDecision | None = None
    """Of a review that is looked up by its number, to be followed up."""
