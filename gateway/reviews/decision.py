"""A decision about a review as it is kept on record: what was sent, and the same as typed values."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256

import msgspec

from edi.services_review_answer import ReviewAnswer
from edi.services_review_codes import CertificationAction
from rules.reviews import Verdict


@dataclass(frozen=True, slots=True)
class KeptDecision:
    """One decision of the record."""

    action: CertificationAction
    """What it comes to (``ReviewAnswer.action``)."""
    number: str
    """Of the certification; empty where there is none."""
    trace: str
    """Our own number for the answer."""
    segments: tuple[str, ...] = field(repr=False)
    """Composed, ST to before SE."""
    answer: ReviewAnswer = field(repr=False)
    covered_until: date | None = None
    """Last day of the coverage by which it was decided; None: open."""
    verdict: str = ""
    """Digest of what a reviewer said, by which the same said again is known; empty where the plan's rules decided."""
    asked_at: datetime | None = None
    """When the documents that it asks for were asked for, where an earlier decision did; None: with this one."""


def encode_decision(
    answer: ReviewAnswer,
    segments: Sequence[str],
    covered_until: date | None,
    verdict: str = "",
    asked_at: datetime | None = None,
) -> bytes:
    """As JSON; of an answer with a decision."""
    action = answer.action
    assert action is not None  # noqa: S101 - the caller's contract
    assert answer.event is not None  # noqa: S101
    assert answer.event.decision is not None  # noqa: S101
    kept = KeptDecision(
        action=action,
        number=answer.event.decision.number,
        trace=answer.trace,
        segments=tuple(segments),
        answer=answer,
        covered_until=covered_until,
        verdict=verdict,
        asked_at=asked_at,
    )
    return msgspec.json.encode(kept)


def decode_decision(document: bytes) -> KeptDecision:
    """What ``encode_decision`` wrote."""
    return msgspec.json.decode(document, type=KeptDecision)


def digest_verdict(verdict: Verdict) -> str:
    """What a reviewer says, as hexadecimal digits; the same for the same said again."""
    said = (verdict.event, sorted((verdict.services or {}).items()))
    return sha256(msgspec.json.encode(said)).hexdigest()
