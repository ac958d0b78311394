"""The record of reviews for people: what waits, what has been said, and a reviewer's decision.

A decision is appended; it is what the submitter gets from the next request under the same trace on.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import msgspec

from edi.services_review_codes import CertificationAction
from gateway.reviews.decision import KeptDecision, decode_decision
from gateway.reviews.note import DocumentNote, Note, decode_note, encode_note, kind_of_note
from gateway.store.administration import changing
from gateway.store.database import Connection, Refused, connect, outage_when_down
from gateway.store.limits import REVIEWS_PER_PAGE
from rules.reviews import DocumentCame, all_in_at

STEP = """(
    kind, made_by, recorded_at,
    CASE kind WHEN 'decision' THEN document -> 'action' ELSE edi.review_note(kind, document) END
)::edi.review_step"""
"""Of an event of a review: what ``Step`` tells, which of a decision is what it comes to."""
_RECORD = """
SELECT review.review_id, submitter_id, certification_number, administrative_reference, review.received_at,
    decision.document AS decision, decision.recorded_at AS decided_at,
    ARRAY(
        SELECT {step}
        FROM edi.review_event AS event
        WHERE event.review_id = review.review_id ORDER BY event_id
    ) AS history{more}
FROM edi.review{those} CROSS JOIN LATERAL (
    SELECT document, recorded_at FROM edi.review_event AS event
    WHERE event.review_id = review.review_id AND kind = 'decision' ORDER BY event_id DESC LIMIT 1
) AS decision
{found}
"""
_THAT_WAIT = """ JOIN (
    SELECT review_id, due_at FROM edi.waiting_review WHERE {after} ORDER BY {order} LIMIT {most}
) AS waiting USING (review_id)"""


def _record(found: str) -> str:
    """The statement that reads reviews of which a condition holds."""
    return _RECORD.format(step=STEP, more="", those="", found=f"WHERE {found}")


def _waiting(after: str, order: str, most: str) -> str:
    """The statement that reads so many of the reviews that wait, in an order, each with when it is due."""
    those = _THAT_WAIT.format(after=after, order=order, most=most)
    return _RECORD.format(step=STEP, more=", due_at", those=those, found=f"ORDER BY {order}")


WAITING_RECORDS = _waiting("review_id > $1", "review_id", "$2")
"""Those that wait after the one with a review id, so many; ids rise as requests come."""
DUE_RECORDS = _waiting("(due_at, review_id) > ($1, $2)", "due_at, review_id", "$3")
"""The same in the order in which they are due, after such a moment and id."""
RECORD_WITH_NUMBER = _record("certification_number = $1 OR administrative_reference = $1")
RECORD_WITH_TRACE = _record("trace = $1")
NOTE_DUE = """
UPDATE edi.waiting_review AS waiting SET due_at = told.due_at
FROM unnest($1::bigint[], $2::timestamptz[]) AS told (review_id, due_at) WHERE waiting.review_id = told.review_id
"""
TO_BE_WORKED_OUT = datetime.fromtimestamp(0, UTC)
"""When a review is due of which nobody has noted it yet."""
_LOCK = "SELECT FROM edi.review WHERE certification_number = $1 OR administrative_reference = $1 FOR UPDATE"
_HOLD_KEY = "SELECT true FROM edi.reviewer_key WHERE key_hash = $1 AND revoked_at IS NULL FOR SHARE"
_APPEND = "INSERT INTO edi.review_event (review_id, kind, made_by, document) VALUES ($1, $2, $3, $4)"


@dataclass(frozen=True, slots=True)
class Step:
    """One event of a review's history."""

    kind: str
    made_by: str
    recorded_at: datetime
    note: Note | None = field(default=None, repr=False)
    """What a message says, or where a document is found."""
    action: CertificationAction | None = None
    """What a decision comes to."""


DECISION = "decision"
"""A step's kind."""


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
    listed_at: datetime | None = None
    """When it is due by the list of those that wait, which may be ``TO_BE_WORKED_OUT``; None: not read from there."""

    @property
    def is_cancelled(self) -> bool:
        """Whether a later request has cancelled it."""
        return any(step.kind == "cancelled" for step in self.history)

    @property
    def asked_at(self) -> datetime:
        """Since when the documents that the latest decision asks for, if it does, have been asked for."""
        return self.decision.asked_at or self.decided_at

    @property
    def version(self) -> int:
        """How many steps it has taken: another one whenever something is added to it."""
        return len(self.history)

    def is_last_said_by(self, made_by: str) -> bool:
        """Whether the latest step is a decision of this maker; messages, and documents after a final one, aside."""
        aside = {"message", "document"} if self.decision.answer.is_final else {"message"}
        last = next(step for step in reversed(self.history) if step.kind not in aside)
        return last.kind == DECISION and last.made_by == made_by

    @property
    def documents_at(self) -> datetime | None:
        """Since when all documents are in that the latest decision had asked for; None: not yet, or none was noted."""
        answer = self.decision.answer
        levels = [level for level in (answer.event, *(each.answer for each in answer.services)) if level is not None]
        notes = [(step.recorded_at, step.note) for step in self.history if step.recorded_at >= self.asked_at]
        came = [
            DocumentCame(moment, note.control_number, note.loinc)
            for moment, note in notes
            if isinstance(note, DocumentNote)
        ]
        return all_in_at(levels, came)


Decide = Callable[[ReviewRecord], bytes | None]
"""From a review as it stands to the decision that follows (``encode_decision``).

None: it has been made already. Refused: it cannot be.
"""


class NoReview(Refused):
    """No review has this number."""


class KeyRevoked(Refused):
    """The key of the reviewer who decides holds no more."""


async def waiting_reviews(database_url: str) -> AsyncIterator[ReviewRecord]:
    """The pended reviews, those received first in front; no more than a page is held at a time.

    Raises:
        Outage: PostgreSQL does not answer.
    """
    connection: Connection = await connect(database_url)
    try:
        after = 0
        while True:
            with outage_when_down("read reviews"):
                rows = await connection.fetch(WAITING_RECORDS, after, REVIEWS_PER_PAGE)
            for row in rows:
                yield record_of(row)
            if len(rows) < REVIEWS_PER_PAGE:
                return
            after = rows[-1]["review_id"]
    finally:
        connection.terminate()


async def note_due(database_url: str, due: Mapping[int, datetime]) -> None:
    """Note by review id when those that wait are due: that is their order from then on.

    Raises:
        Outage: PostgreSQL does not answer.
    """
    connection: Connection = await connect(database_url)
    try:
        with outage_when_down("note what is due"):
            await connection.execute(NOTE_DUE, list(due), list(due.values()))
    finally:
        connection.terminate()


async def find_review(database_url: str, number: str) -> ReviewRecord | None:
    """The review that has this certification number or administrative reference.

    Raises:
        Outage: PostgreSQL does not answer.
    """
    connection: Connection = await connect(database_url)
    try:
        with outage_when_down("read a review"):
            row = await connection.fetchrow(RECORD_WITH_NUMBER, number)
    finally:
        connection.terminate()
    return None if row is None else record_of(row)


async def append_decision(
    database_url: str, number: str, made_by: str, decide: Decide, key_hash: bytes | None = None
) -> ReviewRecord:
    """Add a decision to a review; give the review as it stands then. Two who decide at once take turns.

    Args:
        number: of the certification, or the administrative reference.
        made_by: for the record.
        decide: what the decision is; asked once nobody else can decide.
        key_hash: of the reviewer's key, which has to hold until the decision is on record; None: none was needed.

    Raises:
        KeyRevoked: the key does not hold; nothing is added.
        Refused: there is no such review, or ``decide`` says why not; nothing is added.
        Outage: PostgreSQL does not answer.
    """
    async with changing(database_url, "the decision cannot be stored") as connection:
        if key_hash is not None and await connection.fetchval(_HOLD_KEY, key_hash) is None:
            raise KeyRevoked("the reviewer's key was revoked")
        await connection.execute(_LOCK, number)
        held = record_of(await connection.fetchrow(RECORD_WITH_NUMBER, number))
        decision = decide(held)
        if decision is None:
            return held
        await connection.execute(_APPEND, held.review_id, DECISION, made_by, decision)
        return record_of(await connection.fetchrow(RECORD_WITH_NUMBER, number))


async def append_note(database_url: str, number: str, made_by: str, note: Note) -> ReviewRecord:
    """Add a message or a document to a review; give the review as it stands then. Raises as ``append_decision``.

    Args:
        note: in which ``find_note_faults`` finds nothing.
    """
    async with changing(database_url, "the note cannot be stored") as connection:
        await connection.execute(_LOCK, number)
        held = record_of(await connection.fetchrow(RECORD_WITH_NUMBER, number))
        await connection.execute(_APPEND, held.review_id, kind_of_note(note), made_by, encode_note(note))
        return record_of(await connection.fetchrow(RECORD_WITH_NUMBER, number))


def record_of(row: Any) -> ReviewRecord:
    """A review from its row; NoReview where there is none."""
    if row is None:
        raise NoReview("there is no such review")
    return ReviewRecord(
        review_id=row["review_id"],
        submitter_id=row["submitter_id"],
        certification_number=row["certification_number"],
        administrative_reference=row["administrative_reference"],
        received_at=row["received_at"],
        decided_at=row["decided_at"],
        decision=decode_decision(row["decision"]),
        history=tuple([_step(*step) for step in row["history"]]),
        listed_at=row.get("due_at"),
    )


def _step(kind: str, made_by: str, recorded_at: datetime, said: bytes | None) -> Step:
    if kind == DECISION and said is not None:
        return Step(kind, made_by, recorded_at, action=msgspec.json.decode(said, type=CertificationAction))
    return Step(kind, made_by, recorded_at, decode_note(kind, said))
