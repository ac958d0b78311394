"""The record of reviews: numbers for a review, and its filing with the decision that was just made."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from gateway.store.database import outage_when_down, pool
from gateway.store.limits import DATABASE_LOOKUP_SECONDS, DATABASE_SLOT_SECONDS
from gateway.store.review_desk import RECORD_WITH_NUMBER, ReviewRecord, record_of

_ALLOT = """
SELECT id, edi.certification_number(id) AS number, edi.administrative_reference(id) AS reference
FROM nextval('edi.review_number') AS id
"""
_FILE = "SELECT key, version FROM edi.file_review($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"


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
    cancels: int | None = None
    """The review that it ends."""


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
                    filing.cancels,
                    timeout=DATABASE_LOOKUP_SECONDS,
                )
        return {row["key"]: row["version"] for row in rows} or None

    async def find(self, number: str) -> ReviewRecord | None:
        """The review that has this certification number or administrative reference.

        Raises:
            Outage: PostgreSQL does not answer in time.
        """
        with outage_when_down("find a review"):
            async with self._connections.acquire(timeout=DATABASE_SLOT_SECONDS) as connection:
                row = await connection.fetchrow(RECORD_WITH_NUMBER, number, timeout=DATABASE_LOOKUP_SECONDS)
        return None if row is None else record_of(row)


@asynccontextmanager
async def open_reviews(database_url: str) -> AsyncIterator[ReviewRegister]:
    """The register of one database, for as long as the block lasts."""
    async with pool(database_url) as connections:
        try:
            yield ReviewRegister(connections)
        finally:
            connections.terminate()
