"""The record of reviews: numbers for a review, and its filing with the decision that was just made."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from gateway.store.database import outage_when_down, pool
from gateway.store.limits import DATABASE_LOOKUP_SECONDS, DATABASE_SLOT_SECONDS
from gateway.store.review_desk import (
    DUE_RECORDS,
    NOTE_DUE,
    RECORD_WITH_NUMBER,
    RECORD_WITH_TRACE,
    ReviewRecord,
    record_of,
)

_ALLOT = """
SELECT id, edi.certification_number(id) AS number, edi.administrative_reference(id) AS reference
FROM nextval('edi.review_number') AS id
"""
_FIRST_REPLY = "SELECT edi.first_reply($1, $2, $3, $4)"
_FILE = "SELECT key, version FROM edi.file_review($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)"


@dataclass(frozen=True, slots=True)
class Allotted:
    """Numbers that no other review has."""

    review_id: int
    number: str
    """For the certification."""
    reference: str
    """Administrative, for a review that is pended."""


@dataclass(frozen=True, slots=True)
class Filing:
    """A review that has been decided, to be put on record."""

    review_id: int
    submitter_id: str
    trace: str
    content: str
    contract_id: str
    person: str
    received_at: datetime
    request: bytes = field(repr=False)
    """JSON."""
    decision: bytes = field(repr=False)
    """JSON."""
    changes: int | None = None
    """The earlier review that it cancels, or services of it."""
    amended: bytes | None = field(default=None, repr=False)
    """What is decided about that review then, JSON; None: it is cancelled as a whole."""


def numbers_of(review_id: int) -> Allotted:
    """The numbers of a review, as ``edi.certification_number`` and ``edi.administrative_reference`` make them."""
    return Allotted(review_id, f"A{review_id:09}", f"R{review_id:09}")


class ReviewRegister:
    """Files reviews over a pool of connections (`gateway.store.database.pool`)."""

    def __init__(self, connections: Any) -> None:
        self._connections = connections

    async def allot(self) -> Allotted:
        """Numbers for one review; those of a review that is not filed are never used.

        Raises:
            Outage: PostgreSQL does not answer in time.
        """
        with outage_when_down("allot review numbers"):
            async with self._connections.acquire(timeout=DATABASE_SLOT_SECONDS) as connection:
                row = await connection.fetchrow(_ALLOT, timeout=DATABASE_LOOKUP_SECONDS)
        return Allotted(row["id"], row["number"], row["reference"])

    async def file(self, filing: Filing, versions: Mapping[str, int]) -> dict[str, int] | None:
        """Put a review on record if all facts that it rests on are current.

        Args:
            versions: of these facts, the absence of the review itself among them.

        Returns:
            The versions that those of them which tell of reviews have now; None: a fact has changed, nothing is filed.

        Raises:
            Outage: PostgreSQL does not answer in time; the review may be on record or not.
        """
        with outage_when_down("file a review"):
            async with self._connections.acquire(timeout=DATABASE_SLOT_SECONDS) as connection:
                rows = await connection.fetch(
                    _FILE,
                    list(versions),
                    list(versions.values()),
                    filing.review_id,
                    filing.submitter_id,
                    filing.trace,
                    filing.content,
                    filing.contract_id,
                    filing.person,
                    filing.received_at,
                    filing.request,
                    filing.decision,
                    filing.changes,
                    filing.amended,
                    timeout=DATABASE_LOOKUP_SECONDS,
                )
        return {row["key"]: row["version"] for row in rows} or None

    async def first_reply(self, submitter_id: str, payload_sha256: bytes, answer_sha256: bytes, body: bytes) -> bytes:
        """The reply first written to the very same bytes, as long as it says the same; ``body`` where there was none.

        Args:
            payload_sha256: of what came.
            answer_sha256: of what is told, without the envelope.
            body: the reply as it is written now.

        Raises:
            Outage: PostgreSQL does not answer in time.
        """
        with outage_when_down("keep a reply"):
            async with self._connections.acquire(timeout=DATABASE_SLOT_SECONDS) as connection:
                values = (submitter_id, payload_sha256, answer_sha256, body)
                first: bytes = await connection.fetchval(_FIRST_REPLY, *values, timeout=DATABASE_LOOKUP_SECONDS)
        return first

    async def find(self, number: str) -> ReviewRecord | None:
        """The review that has this certification number or administrative reference.

        Raises:
            Outage: PostgreSQL does not answer in time.
        """
        return next(iter(await self._records(RECORD_WITH_NUMBER, number)), None)

    async def find_by_trace(self, trace: str) -> ReviewRecord | None:
        """The review of a request's trace (``rules.reviews.RequestIdentity``).

        Raises:
            Outage: PostgreSQL does not answer in time.
        """
        return next(iter(await self._records(RECORD_WITH_TRACE, trace)), None)

    async def waiting(self, after: tuple[datetime, int], most: int) -> tuple[ReviewRecord, ...]:
        """The pended reviews that follow one that is due at a moment and has an id, those due first in front.

        Raises:
            Outage: PostgreSQL does not answer in time.
        """
        return await self._records(DUE_RECORDS, *after, most)

    async def note_due(self, due: Mapping[int, datetime]) -> None:
        """Note by review id when those that wait are due: that is their order from then on.

        Raises:
            Outage: PostgreSQL does not answer in time.
        """
        with outage_when_down("note what is due"):
            async with self._connections.acquire(timeout=DATABASE_SLOT_SECONDS) as connection:
                await connection.execute(NOTE_DUE, list(due), list(due.values()), timeout=DATABASE_LOOKUP_SECONDS)

    async def _records(self, statement: str, *values: object) -> tuple[ReviewRecord, ...]:
        with outage_when_down("read reviews"):
            async with self._connections.acquire(timeout=DATABASE_SLOT_SECONDS) as connection:
                rows = await connection.fetch(statement, *values, timeout=DATABASE_LOOKUP_SECONDS)
        return tuple([record_of(row) for row in rows])


@asynccontextmanager
async def open_reviews(database_url: str) -> AsyncIterator[ReviewRegister]:
    """The register of one database, for as long as the block lasts."""
    async with pool(database_url) as connections:
        try:
            yield ReviewRegister(connections)
        finally:
            connections.terminate()
