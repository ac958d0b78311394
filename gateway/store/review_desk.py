"""The record of reviews for people: what waits, what has been said, and a reviewer's decision.

A decision is appended; it is what the submitter gets from the next request under the same trace on.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from gateway.review_decision import KeptDecision, decode_decision
from gateway.store.administration import changing
from gateway.store.database import Connection, Refused, connect, outage_when_down

_RECORDS = """
SELECT review.review_id, submitter_id, certification_number, administrative_reference, received_at,
    decision.document AS decision, decision.recorded_at AS decided_at,
    ARRAY(
        SELECT (kind, made_by, recorded_at)::edi.review_step FROM edi.review_event AS event
        WHERE event.review_id = review.review_id ORDER BY event_id
    ) AS history
FROM edi.review CROSS JOIN LATERAL (
    SELECT document, recorded_at FROM edi.review_event AS event
    WHERE event.review_id = review.review_id AND kind = 'decision' ORDER BY event_id DESC LIMIT 1
) AS decision
"""
_THAT_WAIT = """
WHERE review.review_id IN (
    SELECT review_id FROM edi.review_event WHERE kind = 'decision' AND document ->> 'action' = 'A4'
) AND decision.document ->> 'action' = 'A4' AND NOT EXISTS (
    SELECT FROM edi.review_event AS event WHERE event.review_id = review.review_id AND kind = 'cancelled'
)
ORDER BY received_at
"""
RECORD_WITH_NUMBER = _RECORDS + " WHERE certification_number = $1 OR administrative_reference = $1"
_LOCK = "SELECT FROM edi.review WHERE certification_number = $1 OR administrative_reference = $1 FOR UPDATE"
_APPEND = "INSERT INTO edi.review_event (review_id, kind, made_by, document) VALUES ($1, $2, $3, $4)"


@dataclass(frozen=True, slots=True)
class Step:
    """One event of a review's history."""

    kind: str
    made_by: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class ReviewRecord:
    """A review as it stands."""

    review_id: int
    submitter_id: str
    certification_number: str
    """Told only once it is certified."""
    administrative_reference: str
    received_at: datetime
    decided_at: datetime
    """When the latest decision was made."""
    decision: KeptDecision = field(repr=False)
    history: tuple[Step, ...] = ()

    @property
    def is_cancelled(self) -> bool:
        """Whether a later request has cancelled it."""
        return any(step.kind == "cancelled" for step in self.history)

    @property
    def documents_at(self) -> datetime | None:
        """When documents came that the latest decision had asked for; the last of them counts."""
        come = [step.recorded_at for step in self.history if step.kind == "document"]
        return max((moment for moment in come if moment >= self.decided_at), default=None)


Decide = Callable[[ReviewRecord], bytes]
"""From a review as it stands to the decision that follows (``encode_decision``); Refused where none can."""


async def waiting_reviews(database_url: str) -> tuple[ReviewRecord, ...]:
    """The pended reviews, those received first in front.

    Raises:
        Outage: PostgreSQL does not answer.
    """
    return await _fetch(database_url, _RECORDS + _THAT_WAIT)


async def find_review(database_url: str, number: str) -> ReviewRecord | None:
    """The review that has this certification number or administrative reference.

    Raises:
        Outage: PostgreSQL does not answer.
    """
    found = await _fetch(database_url, RECORD_WITH_NUMBER, number)
    return found[0] if found else None


async def append_decision(database_url: str, number: str, made_by: str, decide: Decide) -> ReviewRecord:
    """Add a decision to a review; give the review as it stands then. Two who decide at once take turns.

    Raises:
        Refused: there is no such review, or ``decide`` says why not; nothing is added.
        Outage: PostgreSQL does not answer.
    """
    async with changing(database_url, "the decision cannot be stored") as connection:
        await connection.execute(_LOCK, number)
        held = record_of(await connection.fetchrow(RECORD_WITH_NUMBER, number))
        await connection.execute(_APPEND, held.review_id, "decision", made_by, decide(held))
        return record_of(await connection.fetchrow(RECORD_WITH_NUMBER, number))


async def append_document(database_url: str, number: str, made_by: str, reference: str) -> ReviewRecord:
    """Add to a review that what was asked for has come; give the review as it stands then. Raises as the above.

    Args:
        reference: under which the document is kept elsewhere.
    """
    async with changing(database_url, "the document cannot be noted") as connection:
        held = record_of(await connection.fetchrow(RECORD_WITH_NUMBER, number))
        await connection.execute(
            _APPEND, held.review_id, "document", made_by, msgspec.json.encode({"reference": reference})
        )
        return record_of(await connection.fetchrow(RECORD_WITH_NUMBER, number))


async def _fetch(database_url: str, statement: str, *values: object) -> tuple[ReviewRecord, ...]:
    connection: Connection = await connect(database_url)
    try:
        with outage_when_down("read reviews"):
            return tuple([record_of(row) for row in await connection.fetch(statement, *values)])
    finally:
        connection.terminate()


def record_of(row: Any) -> ReviewRecord:
    """A review from its row; Refused where there is none."""
    if row is None:
        raise Refused("there is no such review")
    return ReviewRecord(
        review_id=row["review_id"],
        submitter_id=row["submitter_id"],
        certification_number=row["certification_number"],
        administrative_reference=row["administrative_reference"],
        received_at=row["received_at"],
        decided_at=row["decided_at"],
        decision=decode_decision(row["decision"]),
        history=tuple([Step(*step) for step in row["history"]]),
    )
