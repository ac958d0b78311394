"""A review as it stands on file: what a repeated request, or one that follows it up, is held against."""

from dataclasses import dataclass, field

from edi.services_review_codes import CertificationAction


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
