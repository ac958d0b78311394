"""Read changes for many at once: who asks while a statement runs goes with the next, all together."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any, Generic, TypeVar

import msgspec

from gateway.clock import Clock
from gateway.store.changes import Change, Feed, Origin, Page, Position
from gateway.store.database import outage_when_down
from gateway.store.documents import UnreadableDocument
from gateway.store.fact import Fact
from gateway.store.limits import (
    CHANGE_READERS_PER_STATEMENT,
    CHANGES_PER_PAGE,
    DATABASE_LOOKUP_SECONDS,
    DATABASE_SLOT_SECONDS,
)
from rules.facts import Submitter

ValueT = TypeVar("ValueT")

_ORIGIN = """
SELECT
    secret,
    system_identifier || '.' || oid || '.' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) AS database,
    pg_current_snapshot()::text AS snapshot
FROM edi.cursor_secret, pg_control_system(), pg_database WHERE datname = current_database()
"""

_place = itemgetter("place")


@dataclass(slots=True)
class _Ask(Generic[ValueT]):
    """Nobody changes it; not frozen because a thousand may be made at once."""

    submitter: Fact[Submitter]
    position: Position
    clock: Clock
    page: "asyncio.Future[Page[ValueT]]" = field(repr=False)


class ChangeReader(Generic[ValueT]):
    """Reads one feed over a pool of connections."""

    def __init__(self, feed: Feed[ValueT], connections: Any) -> None:
        self.feed = feed
        self._connections = connections
        self.at_once = CHANGE_READERS_PER_STATEMENT
        """How many are read for by one statement: fewer once one took too long, so that all get their turn."""
        self._waiting: list[_Ask[ValueT]] = []
        self._task: asyncio.Task[None] | None = None

    def read(self, submitter: Fact[Submitter], position: Position, clock: Clock) -> "asyncio.Future[Page[ValueT]]":
        """What has changed behind a position, of what a submitter may be told at the moment at which it is looked for.

        Raises:
            Outage: PostgreSQL does not answer; the future has it.
        """
        page: asyncio.Future[Page[ValueT]] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Ask(submitter, position, clock, page))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._read_all())
        return page

    async def origin(self) -> Origin:
        """What cursors are made with, and where a new reader begins.

        Raises:
            Outage: PostgreSQL does not answer.
        """
        with outage_when_down("ask for the state of the changes"):
            async with self._connections.acquire(timeout=DATABASE_SLOT_SECONDS) as connection:
                row = await connection.fetchrow(_ORIGIN, timeout=DATABASE_LOOKUP_SECONDS)
        return Origin(row["secret"], row["database"], row["snapshot"])

    async def close(self) -> None:
        """Give up what is under way."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _read_all(self) -> None:
        while self._waiting:
            # All who are woken in this turn of the loop go together, though several messages woke them.
            await asyncio.sleep(0)
            group = [ask for ask in self._waiting[: self.at_once] if not ask.page.done()]
            del self._waiting[: self.at_once]
            try:
                await self._read_group(group)
                self.at_once = min(2 * self.at_once, CHANGE_READERS_PER_STATEMENT)
            except Exception as error:
                self.at_once = max(1, len(group) // 2)
                # Nobody who waits may be left waiting, whatever went wrong.
                for ask in group:
                    _refuse(ask, error)
            except asyncio.CancelledError:
                for ask in group:
                    ask.page.cancel()
                raise

    async def _read_group(self, group: Sequence[_Ask[ValueT]]) -> None:
        with outage_when_down("read changes"):
            async with self._connections.acquire(timeout=DATABASE_SLOT_SECONDS) as connection:
                rows = await connection.fetch(
                    self.feed.statement,
                    *_in_columns(group),
                    self.feed.name,
                    CHANGES_PER_PAGE + 1,
                    timeout=DATABASE_LOOKUP_SECONDS,
                )
        changes = self._decode(rows)
        for ask, (_, found) in zip(group, groupby(rows, _place), strict=True):
            if not ask.page.done():  # who asked may have gone meanwhile
                _hand_out(ask, list(found), changes, rows[0]["snapshot"])

    def _decode(self, rows: Sequence[Any]) -> dict[int, Change[ValueT] | None]:
        """The changes that a statement tells of, by their numbers; None for one that is not of its type."""
        changes: dict[int, Change[ValueT] | None] = {}
        for row in rows:
            if row["is_first"]:
                try:
                    value = self.feed.decode(row)
                except (msgspec.MsgspecError, UnicodeDecodeError):
                    changes[row["change_id"]] = None
                else:
                    changes[row["change_id"]] = Change(row["change_id"], row["subject"], row["recorded_at"], value)
        return changes


def _in_columns(group: Sequence[_Ask[Any]]) -> tuple[object, ...]:
    """Who asks, and for what: the same for most of them, and written once.

    What can be is one text instead of an array, which asyncpg takes ten times as long to write.
    """
    moments = {clock: clock() for clock in {ask.clock for ask in group}}
    looks: dict[tuple[Position, datetime], int] = {}
    places = [str(looks.setdefault((ask.position, moments[ask.clock]), len(looks) + 1)) for ask in group]
    return (
        [ask.submitter.value.submitter_id for ask in group],
        ",".join([ask.submitter.key for ask in group]),
        ",".join(places),
        [position.since for position, _ in looks],
        [position.until for position, _ in looks],
        [position.after for position, _ in looks],
        [moment for _, moment in looks],
    )


def _hand_out(
    ask: _Ask[ValueT], rows: Sequence[Any], known: Mapping[int, Change[ValueT] | None], snapshot: str
) -> None:
    """Give a reader its page; further pages are of what could be seen when the first was read."""
    first, position = rows[0], ask.position
    versions = {ask.submitter.key: first["credential_version"] or 0}
    changes = []
    if first["change_id"] is not None:
        for row in rows[:CHANGES_PER_PAGE]:
            change = known[row["change_id"]]
            if change is None:
                _refuse(ask, UnreadableDocument("what has changed is not of its type"))
                return
            changes.append(change)
            if row["fact_key"] is not None:
                versions[row["fact_key"]] = row["fact_version"]
    until, has_more = position.until or snapshot, len(rows) > CHANGES_PER_PAGE
    ask.page.set_result(
        Page(
            changes,
            Position(position.since, until, changes[-1].change_id) if has_more else Position(until),
            has_more or position.until is not None,
            frozenset(first["topics"] or ()),
            versions,
            first["is_admitted"],
            first["is_kept"],
        )
    )


def _refuse(ask: _Ask[ValueT], error: Exception) -> None:
    if not ask.page.done():
        ask.page.set_exception(error)
