"""The audit: no answer leaves before its record is durable, and none is recorded on facts that have changed.

Records of the same moment share a commit. At most one statement of a process is under way; what arrives meanwhile goes
into the next, so that commits grow with the load and a single inquiry never waits for others to come.

When an answer was sent is known only after its record: that moment follows in a later commit, in a table of its own
(``edi.audit_sent``), because the audit only grows. A record without it is of an answer that never left.

The record holds no member's name, id or birth date: a fact is named by its kind, its number and its version
(``edi.fact_version``), not by its key. Apart from it are kept what was asked, byte for byte, and the facts at these
versions (``edi.kept_inquiry``, ``edi.fact_document``): enough to compute the answer again and say why it was so.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from hashlib import sha256
from typing import Any

import asyncpg

from edi.errors import CallerError, Outage
from gateway.audit.columns import RECORD, Unwritable, in_columns, sent_in_columns, verdicts
from gateway.audit.entry import AuditEntry, Matter, Recorded, Stale, Verdict
from gateway.store.database import Connection, connect, outage_when_down
from gateway.store.limits import (
    AUDIT_ENTRIES_PER_COMMIT,
    AUDIT_ENTRIES_WAITING_MAX,
    AUDIT_PAYLOAD_BYTES_PER_COMMIT,
    AUDIT_SENT_DELAY_SECONDS,
    AUDIT_SENT_WAITING_MAX,
    AUDIT_STATEMENT_SECONDS,
)

__all__ = ["AuditEntry", "AuditLog", "Matter", "Recorded", "Stale", "Verdict", "open_audit"]

_Waiting = tuple[AuditEntry, "asyncio.Future[Verdict]"]
_Sent = tuple[int, datetime]

_ADD_CONFIGURATION = "INSERT INTO edi.configuration (sha256, document) VALUES ($1, $2) ON CONFLICT DO NOTHING"
_FIND_CONFIGURATION = "SELECT configuration_id FROM edi.configuration WHERE sha256 = $1"


class AuditLog:
    """Records answers; made by `open_audit`."""

    def __init__(self, database_url: str, configuration: bytes) -> None:
        self._database_url = database_url
        self._configuration = configuration
        self._configuration_id: int | None = None
        self._connection: Connection | None = None
        self._statement: Any = None
        self._waiting: deque[_Waiting] = deque()
        self._sent: deque[_Sent] = deque(maxlen=AUDIT_SENT_WAITING_MAX)
        self._committing: asyncio.Task[None] | None = None
        self._sent_timer: asyncio.TimerHandle | None = None

    async def record(self, entry: AuditEntry) -> Verdict:
        """Record an answer; returns when the record is durable.

        A caller that is cancelled before its commit has begun leaves no record; after that, one without a sent moment.

        Raises:
            Outage: PostgreSQL does not answer. The record may be there all the same; the answer must not leave.
        """
        if len(self._waiting) >= AUDIT_ENTRIES_WAITING_MAX:
            raise Outage("too many records wait to be written")
        verdict: asyncio.Future[Verdict] = asyncio.get_running_loop().create_future()
        self._waiting.append((entry, verdict))
        self._commit_soon()
        return await verdict

    def sent(self, recorded: Recorded, moment: datetime) -> None:
        """Note when an answer was sent. Not waited for: it goes with the next commit, or soon with one of its own."""
        self._sent.append((recorded.audit_id, moment))
        if self._sent_timer is None:
            loop = asyncio.get_running_loop()
            self._sent_timer = loop.call_later(AUDIT_SENT_DELAY_SECONDS, self._commit_sent)

    async def close(self) -> None:
        """Write what waits, as far as PostgreSQL answers, and give up the connection."""
        self._commit_soon()
        while self._committing is not None:
            await asyncio.wait([self._committing])
        if self._sent_timer is not None:
            self._sent_timer.cancel()
        self._disconnect()

    def _commit_sent(self) -> None:
        self._sent_timer = None
        self._commit_soon()

    def _commit_soon(self) -> None:
        """Have a commit begin in the loop's next turn, after everybody who is ready in this one has joined."""
        if self._committing is None and (self._waiting or self._sent):
            self._committing = asyncio.get_running_loop().create_task(self._commit_all())

    async def _commit_all(self) -> None:
        """Commit group after group until nobody waits."""
        try:
            more = True
            while more:
                await self._commit_next()
                more = bool(self._waiting)
        finally:
            self._committing = None

    async def _commit_next(self) -> None:
        group = self._next_group()
        sent = list(self._sent)
        self._sent.clear()
        try:
            await self._commit(group, sent)
        except Exception as error:
            # Nobody who waits may be left waiting, whatever went wrong.
            self._sent.extendleft(reversed(sent))
            group += self._waiting
            self._waiting.clear()
            for _, verdict in group:
                _refuse(verdict, error)

    def _next_group(self) -> list[_Waiting]:
        """The entries that waited longest, without those whose caller has gone."""
        group: list[_Waiting] = []
        size = 0
        while self._waiting and len(group) < AUDIT_ENTRIES_PER_COMMIT and size < AUDIT_PAYLOAD_BYTES_PER_COMMIT:
            waiting = self._waiting.popleft()
            if not waiting[1].done():
                group.append(waiting)
                size += len(waiting[0].payload)
        return group

    async def _commit(self, group: Sequence[_Waiting], sent: Sequence[_Sent]) -> None:
        """Write a group in one commit, or each by itself when one of them cannot be written.

        Raises:
            Outage: PostgreSQL does not answer.
        """
        try:
            said = await self._execute([entry for entry, _ in group], sent)
        except (Unwritable, asyncpg.DataError, asyncpg.IntegrityConstraintViolationError) as error:
            await self._commit_apart(group, sent, error)
            return
        for (_, waiting), verdict in zip(group, said, strict=True):
            if not waiting.done():
                waiting.set_result(verdict)

    async def _commit_apart(self, group: Sequence[_Waiting], sent: Sequence[_Sent], error: Exception) -> None:
        if len(group) > 1:
            for waiting in group:
                await self._commit([waiting], ())
            await self._commit([], sent)
        elif group:
            _refuse(group[0][1], CallerError(f"an entry cannot be recorded: {type(error).__name__}"))
            await self._commit([], sent)

    async def _execute(self, entries: Sequence[AuditEntry], sent: Sequence[_Sent]) -> list[Verdict]:
        arguments = (*in_columns(entries), *sent_in_columns(sent))
        try:
            with outage_when_down("audit"):
                async with asyncio.timeout(AUDIT_STATEMENT_SECONDS):
                    statement = await self._prepared()
                    row = await statement.fetchrow(*arguments, self._configuration_id)
                    return verdicts(*row)
        except BaseException:
            # What became of the statement is unknown, and the connection may still be waiting for it.
            self._disconnect()
            raise

    async def _prepared(self) -> Any:
        if self._connection is None or self._connection.is_closed():
            self._connection = await connect(self._database_url)
            self._configuration_id = await self._save_configuration(self._connection)
            self._statement = await self._connection.prepare(RECORD)
        return self._statement

    async def _save_configuration(self, connection: Connection) -> int:
        digest = sha256(self._configuration).digest()
        await connection.execute(_ADD_CONFIGURATION, digest, self._configuration)
        return int(await connection.fetchval(_FIND_CONFIGURATION, digest))

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.terminate()


@asynccontextmanager
async def open_audit(database_url: str, configuration: bytes) -> AsyncIterator[AuditLog]:
    """The audit in one database, for as long as the block lasts. It connects with the first record.

    Args:
        configuration: with what all answers are computed, as JSON (`gateway.configuration`).
    """
    log = AuditLog(database_url, configuration)
    try:
        yield log
    finally:
        await log.close()


def _refuse(verdict: "asyncio.Future[Verdict]", error: Exception) -> None:
    if not verdict.done():
        verdict.set_exception(error)
