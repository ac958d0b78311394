"""What has changed, read in the order in which it could be seen: none missed and none twice.

A reader says in which snapshot it last read; what it gets is what was committed since. So nothing depends on the order
in which numbers were drawn or on clocks, and any number of programs may write at once. What is told of claims and of
reviews differs only in its `Feed`.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

import msgspec

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
ValueT_co = TypeVar("ValueT_co", covariant=True)

_ORIGIN = """
SELECT
    secret,
    system_identifier || '.' || oid || '.' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) AS database,
    pg_current_snapshot()::text AS snapshot
FROM edi.cursor_secret, pg_control_system(), pg_database WHERE datname = current_database()
"""

_ASK = """
WITH ask AS MATERIALIZED (
    SELECT asked.*,
        EXISTS (
            SELECT FROM edi.api_key JOIN edi.submitter USING (submitter_id)
            WHERE api_key.fact_key = asked.credential AND api_key.revoked_at IS NULL
                AND submitter.submitter_id = asked.submitter_id AND submitter.status = 'active'
        ) AS is_admitted,
        pg_snapshot_xmin(asked.since::pg_snapshot) > horizon.transaction AS is_kept
    FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::timestamptz[])
        WITH ORDINALITY AS asked (submitter_id, credential, since, until, after, moment, place)
    JOIN edi.change_horizon AS horizon ON horizon.feed = $7
)
"""
"""Who asks for what. Credentials and entitlements are those of this very moment, and all of a statement's parts see one
snapshot, the one that it gives back. $8 is how many changes there are to a page."""


@dataclass(frozen=True, slots=True)
class Position:
    """How far a reader has got."""

    since: str
    """Everything that this snapshot shows has been read (``pg_snapshot`` as text)."""
    until: str | None = None
    """Of what came later, only what this one shows is being read at present, page by page; None: all there is."""
    after: int = 0
    """And of that everything up to this change; 0 where there is no ``until``."""


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Change(Generic[ValueT_co]):
    """One change. Everybody who is told of it by the same statement gets the same object."""

    change_id: int
    subject: str = field(repr=False)
    """Our own name for what has changed."""
    recorded_at: datetime
    value: ValueT_co = field(repr=False)
    """As the change has left it."""


@dataclass(slots=True)
class Page(Generic[ValueT]):
    """What there was to read. Nobody changes it; it is not frozen because a thousand may be made at once."""

    changes: Sequence[Change[ValueT]]
    next: Position
    has_more: bool
    """Whether reading on would bring more at once."""
    topics: frozenset[str]
    """Of which channel's messages may bring more; only told where there are no changes."""
    versions: Mapping[str, int] = field(repr=False)
    """Of the facts by which these changes may be told, the credential among them."""
    is_admitted: bool
    """Whether the credential holds still."""
    is_kept: bool
    """Whether everything behind the position is there to be read."""


@dataclass(frozen=True, slots=True)
class Origin:
    """What cursors are made with."""

    secret: bytes = field(repr=False)
    database: str
    """Snapshots mean nothing in another one, nor on another timeline of the same: it may have lost transactions."""
    snapshot: str
    """Of now."""


@dataclass(frozen=True, slots=True)
class Feed(Generic[ValueT]):
    """One kind of changes."""

    name: str
    """In ``edi.change_horizon`` and in cursors."""
    channel: str
    """On which PostgreSQL tells the topics of changes, one a line."""
    statement: str
    """Gives a row for each change of each asker, and one for who has none, in order; ``reading_statement`` makes it."""
    decode: Callable[[Any], ValueT]
    """From the row that has what the change left."""


def behind_position(columns: str, table: str, condition: str) -> str:
    """The query for the changes behind the position of one row of ``ask``, not in order; who uses it orders and limits.

    A first page is found by the transactions that were not seen, and the further ones of what could be seen then in the
    order in which they are told: neither who waits goes through what is long past, nor who is far behind through all
    that is to come. The first has no limit: to sort for it would take longer than all else for the many who wait.

    Args:
        columns: of the table, ``change``, that are wanted.
        table: has the columns transaction and change_id.
        condition: whose changes they are.
    """
    unread = "NOT pg_visible_in_snapshot(change.transaction, ask.since::pg_snapshot)"
    return f"""(
    SELECT {columns} FROM {table} AS change
    WHERE {condition} AND ask.until IS NULL
        AND change.transaction >= pg_snapshot_xmin(ask.since::pg_snapshot) AND {unread}
) UNION ALL (
    SELECT {columns} FROM {table} AS change
    WHERE {condition} AND ask.until IS NOT NULL
        AND change.change_id > ask.after AND {unread}
        AND pg_visible_in_snapshot(change.transaction, ask.until::pg_snapshot)
    ORDER BY change.change_id LIMIT $8
)"""  # noqa: S608 - of constants


def reading_statement(told: str, select: str, joins: str) -> str:
    """The statement that reads for many askers at once.

    Args:
        told: query for the changes of one row of ``ask``: change_id, subject, recorded_at and what the others use; in
            order, as many as a page has and one more.
        select: further columns; ``topics``, ``fact_key`` (by which the change may be told) and what is decoded.
        joins: what they need; what is decoded is only wanted where ``told.is_first`` holds.
    """
    return f"""{_ASK}, told AS MATERIALIZED (
    SELECT ask.place, change.*, row_number() OVER (PARTITION BY change_id ORDER BY ask.place) = 1 AS is_first
    FROM ask CROSS JOIN LATERAL ({told}) AS change
    WHERE ask.is_admitted AND ask.is_kept
)
SELECT ask.place, pg_current_snapshot()::text AS snapshot, ask.is_admitted, ask.is_kept,
    told.change_id, told.subject, told.recorded_at, told.is_first,
    (SELECT version FROM edi.fact_version WHERE key = ask.credential) AS credential_version,
    {select}
FROM ask LEFT JOIN told USING (place)
{joins}
ORDER BY ask.place, told.change_id
"""  # noqa: S608 - of constants


@dataclass(frozen=True, slots=True)
class _Ask(Generic[ValueT]):
    submitter: Fact[Submitter]
    position: Position
    moment: datetime
    page: "asyncio.Future[Page[ValueT]]" = field(repr=False)


class ChangeReader(Generic[ValueT]):
    """Reads one feed over a pool of connections; who asks while a statement runs goes with the next, all together."""

    def __init__(self, feed: Feed[ValueT], connections: Any) -> None:
        self.feed = feed
        self._connections = connections
        self.at_once = CHANGE_READERS_PER_STATEMENT
        """How many are read for by one statement: fewer once one took too long, so that all get their turn."""
        self._waiting: list[_Ask[ValueT]] = []
        self._task: asyncio.Task[None] | None = None

    async def read(self, submitter: Fact[Submitter], position: Position, moment: datetime) -> Page[ValueT]:
        """What has changed behind a position, of what a submitter may be told at this moment.

        Raises:
            Outage: PostgreSQL does not answer.
        """
        page: asyncio.Future[Page[ValueT]] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Ask(submitter, position, moment, page))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._read_all())
        return await page

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
            group = [ask for ask in self._waiting[: self.at_once] if not ask.page.done()]
            del self._waiting[: self.at_once]
            try:
                await self._read_group(group)
                self.at_once = min(2 * self.at_once, CHANGE_READERS_PER_STATEMENT)
            except Exception as error:
                self.at_once = max(1, len(group) // 2)
                # Nobody who waits may be left waiting, whatever went wrong.
                for ask in group:
                    _refuse(ask.page, error)
            except asyncio.CancelledError:
                for ask in group:
                    ask.page.cancel()
                raise

    async def _read_group(self, group: Sequence[_Ask[ValueT]]) -> None:
        columns = (
            [ask.submitter.value.submitter_id for ask in group],
            [ask.submitter.key for ask in group],
            [ask.position.since for ask in group],
            [ask.position.until for ask in group],
            [ask.position.after for ask in group],
            [ask.moment for ask in group],
        )
        with outage_when_down("read changes"):
            async with self._connections.acquire(timeout=DATABASE_SLOT_SECONDS) as connection:
                rows = await connection.fetch(
                    self.feed.statement,
                    *columns,
                    self.feed.name,
                    CHANGES_PER_PAGE + 1,
                    timeout=DATABASE_LOOKUP_SECONDS,
                )
        changes = self._decode(rows)
        by_place: list[list[Any]] = [[] for _ in group]
        for row in rows:
            by_place[row["place"] - 1].append(row)
        for ask, found in zip(group, by_place, strict=True):
            if not ask.page.done():  # who asked may have gone meanwhile
                _hand_out(ask, found, changes)

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


def _hand_out(ask: _Ask[ValueT], rows: Sequence[Any], known: Mapping[int, Change[ValueT] | None]) -> None:
    """Give a reader its page."""
    changes = []
    for row in rows:
        if row["change_id"] is not None:
            change = known[row["change_id"]]
            if change is None:
                _refuse(ask.page, UnreadableDocument("what has changed is not of its type"))
                return
            changes.append(change)
    ask.page.set_result(_page(ask, rows, changes))


def _refuse(page: "asyncio.Future[Page[ValueT]]", error: Exception) -> None:
    if not page.done():
        page.set_exception(error)


def _page(ask: _Ask[ValueT], rows: Sequence[Any], changes: Sequence[Change[ValueT]]) -> Page[ValueT]:
    """The page of one reader; further pages are of what could be seen when the first was read."""
    first, position = rows[0], ask.position
    told, has_more = changes[:CHANGES_PER_PAGE], len(changes) > CHANGES_PER_PAGE
    until = position.until or first["snapshot"]
    versions = {ask.submitter.key: first["credential_version"] or 0}
    versions.update((row["fact_key"], row["fact_version"]) for row in rows[: len(told)] if row["fact_key"] is not None)
    return Page(
        told,
        Position(position.since, until, told[-1].change_id) if has_more else Position(until),
        has_more or position.until is not None,
        frozenset(first["topics"] or ()),
        versions,
        first["is_admitted"],
        first["is_kept"],
    )
