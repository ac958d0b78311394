"""A decision about a review as it is kept on record: what was sent, and the same as typed values."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

import msgspec

from edi.services_review_answer import ReviewAnswer
from edi.services_review_codes import CertificationAction


@dataclass(frozen=True, slots=True)
class KeptDecision:
    """One decision of the record."""

    action: CertificationAction
    """HCR01 of the event."""
    number: str
    """Of the certification; empty where there is none."""
    trace: str
    """Our own number for the answer."""
    segments: tuple[str, ...] = field(repr=False)
    """Composed, ST to before SE."""
    answer: ReviewAnswer = field(repr=False)
    covered_until: date | None = None
    """Last day of the coverage by which it was decided; None: open."""


def encode_decision(answer: ReviewAnswer, segments: Sequence[str], covered_until: date | None) -> bytes:
    """As JSON; of an answer with a decision."""
    assert answer.event is not None  # noqa: S101 - the caller's contract
    assert answer.event.decision is not None  # noqa: S101
    decision = answer.event.decision
    kept = KeptDecision(decision.action, decision.number, answer.trace, tuple(segments), answer, covered_until)
    return msgspec.json.encode(kept)


def decode_decision(document: bytes) -> KeptDecision:
    """What ``encode_decision`` wrote."""
    return msgspec.json.decode(document, type=KeptDecision)
