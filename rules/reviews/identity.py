"""When two requests are the same: one submitter, one trace, one content.

The same again gets the same answer and no second authorization; the same trace with other content is refused. The
submission's own numbers and times (BHT03 to BHT05, the control numbers) are no part of it.
"""

from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

from edi.services_review import ReviewRequest
from edi.writing import ELEMENT, SEGMENT
from edi.writing_278_request import write_review_levels


class Repetition(StrEnum):
    """How a request stands to one that came before."""

    OTHER = "another request"
    SAME = "the same request again"
    TRACE_REUSED = "another request under a trace number that was used"


@dataclass(frozen=True, slots=True)
class RequestIdentity:
    """By what a request is known again. Digests, because the content tells who the patient is."""

    trace: str
    """Of the submitter, the trace numbers and what the request does (UM02), hexadecimal. Unique among the requests
    on file: a cancellation under the trace of what it cancels is a request of its own."""
    content: str
    """Of everything that the request says, hexadecimal."""


def identity_of(submitter_id: str, request: ReviewRequest) -> RequestIdentity:
    """The identity of a request of one event; without a trace number BHT03 stands for it."""
    event = request.events[0]
    traces = sorted(f"{trace.originator}{ELEMENT}{trace.number}{ELEMENT}{trace.additional}" for trace in event.traces)
    numbers = traces or [f"BHT03{ELEMENT}{request.reference}"]
    return RequestIdentity(
        trace=_digest(submitter_id, event.review.certification, *numbers),
        content=_digest(request.purpose, *write_review_levels(request)),
    )


def compare(known: RequestIdentity, asked: RequestIdentity) -> Repetition:
    """How ``asked`` stands to a request on file."""
    if known.trace != asked.trace:
        return Repetition.OTHER
    return Repetition.SAME if known.content == asked.content else Repetition.TRACE_REUSED


def _digest(*parts: str) -> str:
    return sha256(SEGMENT.join(parts).encode()).hexdigest()
