"""Requests of a batch that are held until their function opens: what waits, each attempt, and the answers."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from edi.errors import CallerError
from gateway.store.database import outage_when_down, pool
from gateway.store.limits import DATABASE_LOOKUP_SECONDS, DATABASE_SLOT_SECONDS

_HOLD = "SELECT edi.hold_request($1, $2, $3, $4, $5, $6)"
_DUE = """
SELECT held_id, submitter_id, credential_key, received_at, payload
FROM edi.held_waiting JOIN edi.held_request USING (held_id)
WHERE opens_at <= $1 AND held_id > $2 ORDER BY held_id LIMIT $3
"""
_RELEASE = "INSERT INTO edi.held_release (held_id, released_at) VALUES ($1, $2)"
_POSTPONE = "UPDATE edi.held_waiting SET opens_at = $2 WHERE held_id = $1"
_ANSWER = "SELECT edi.answer_held($1, $2, $3)"
_WAITING = "SELECT count(*) FROM edi.held_waiting"
_LIST = """
SELECT submitter_id, reference, received_at, opens_at FROM edi.held_waiting JOIN edi.held_request USING (held_id)
ORDER BY opens_at, held_id LIMIT $1
"""
_RESULT = """
SELECT held_id, received_at, opens_at, outcome, body
FROM edi.held_request LEFT JOIN edi.held_waiting USING (held_id) LEFT JOIN edi.held_answer USING (held_id)
WHERE (submitter_id, reference) = ($1, $2)
"""
_CREDENTIAL = """
SELECT fact_key FROM edi.api_key WHERE submitter_id = $1 AND revoked_at IS NULL ORDER BY created_at DESC LIMIT 1
"""
# Held by the session, so that it ends with a process that dies.
_TAKE_TURN = "SELECT pg_try_advisory_lock('edi.held_request'::regclass::oid::bigint)"
_END_TURN = "SELECT pg_advisory_unlock('edi.held_request'::regclass::oid::bigint)"


@dataclass(frozen=True, slots=True)
class HeldRequest:
    """One that waits."""

    held_id: int
    submitter_id: str
    credential_key: str
    """Of the fact that said who asks."""
    received_at: datetime
    payload: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class WaitingRequest:
    """One that waits, as operators see it."""

    submitter_id: str
    reference: str
    received_at: datetime
    opens_at: datetime


@dataclass(frozen=True, slots=True)
class HeldResult:
    """What has become of one."""

    held_id: int
    received_at: datetime
    opens_at: datetime | None
    """When it is to be answered; None: it is."""
    outcome: str | None
    """Of the answer (`gateway.exchange.Outcome`); None: it still waits."""
    body: bytes | None = field(default=None, repr=False)
    """The answer as an interchange; empty where the submitter may not ask any more."""


class HeldRegister:
    """Holds requests over a pool of connections (`gateway.store.database.pool`).

    Every call raises Outage when PostgreSQL does not answer in time.
    """

    def __init__(self, connections: Any) -> None:
        self._connections = connections

    async def hold(
        self,
        submitter_id: str,
        reference: str,
        credential_key: str,
        received_at: datetime,
        payload: bytes,
        opens_at: datetime,
    ) -> int:
        """Hold a request, durably; gives its id. The same again is held once.

        Raises:
            CallerError: the submitter's reference is another request's.
        """
        values = (submitter_id, reference, credential_key, received_at, payload, opens_at)
        held_id: int | None = await self._fetchval(_HOLD, *values)
        if held_id is None:
            raise CallerError("another request is held under the same reference")
        return held_id

    async def due(self, now: datetime, after: int, most: int) -> tuple[HeldRequest, ...]:
        """Those whose function was to open by now, with ids above ``after``, the first ``most``."""
        rows = await self._fetch(_DUE, now, after, most)
        return tuple([HeldRequest(*row) for row in rows])

    async def release(self, held_id: int, now: datetime) -> None:
        """Note that a request is about to be answered as of now."""
        await self._fetch(_RELEASE, held_id, now)

    async def postpone(self, held_id: int, opens_at: datetime) -> None:
        """Let a request wait for another moment."""
        await self._fetch(_POSTPONE, held_id, opens_at)

    async def answer(self, held_id: int, outcome: str, body: bytes) -> None:
        """Keep the answer to a request, which waits no more; a second answer changes nothing."""
        await self._fetch(_ANSWER, held_id, outcome, body)

    async def waiting(self) -> int:
        """How many wait."""
        counted: int = await self._fetchval(_WAITING)
        return counted

    async def first_waiting(self, most: int) -> tuple[WaitingRequest, ...]:
        """Those that wait, the first to be answered in front, so many at most."""
        return tuple([WaitingRequest(*row) for row in await self._fetch(_LIST, most)])

    async def result(self, submitter_id: str, reference: str) -> HeldResult | None:
        """What has become of a request; None where none was held under the reference."""
        rows = await self._fetch(_RESULT, submitter_id, reference)
        return HeldResult(*rows[0]) if rows else None

    async def credential(self, submitter_id: str) -> str | None:
        """The fact key of a credential that the submitter has now; None: it has none."""
        key: str | None = await self._fetchval(_CREDENTIAL, submitter_id)
        return key

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[bool]:
        """Whether it is this process's turn to answer what is held: one at a time, as long as the block lasts."""
        with outage_when_down("take a turn"):
            async with self._connections.acquire(timeout=DATABASE_SLOT_SECONDS) as connection:
                is_ours = await connection.fetchval(_TAKE_TURN, timeout=DATABASE_LOOKUP_SECONDS)
                try:
                    yield is_ours
                finally:
                    if is_ours:
                        await connection.execute(_END_TURN, timeout=DATABASE_LOOKUP_SECONDS)

    async def _fetch(self, statement: str, *values: object) -> Any:
        with outage_when_down("held requests"):
            async with self._connections.acquire(timeout=DATABASE_SLOT_SECONDS) as connection:
                return await connection.fetch(statement, *values, timeout=DATABASE_LOOKUP_SECONDS)

    async def _fetchval(self, statement: str, *values: object) -> Any:
        return (await self._fetch(statement, *values) or [[None]])[0][0]


@asynccontextmanager
async def open_held_requests(database_url: str) -> AsyncIterator[HeldRegister]:
    """The held requests of one database, for as long as the block lasts."""
    async with pool(database_url) as connections:
        try:
            yield HeldRegister(connections)
        finally:
            connections.terminate()
