"""What became of claims, read in the order in which it could be seen: none missed and none twice.

A reader says in which snapshot it last read; what it gets is what was committed since. So nothing depends on the order
in which numbers were drawn or on clocks, and any number of programs may write at once (``edi.claim_change``).
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from edi.errors import Outage
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
from rules.facts.claims import Claim

CHANNEL = "edi_claims"
"""Tells the tax ids of the provider groups whose claims have changed, one a line."""

# Credentials and entitlements are those of this very moment. All of a statement's parts see one snapshot, the one that
# it gives back.
_READ = """
SELECT
    ask.place,
    pg_current_snapshot()::text AS snapshot,
    ARRAY(
        SELECT tin FROM edi.entitlement AS granted WHERE granted.submitter_id = ask.submitter_id
        AND granted.function = 'claim status' AND granted.revoked_at IS NULL AND granted.valid @> ask.moment
    ) AS tins,
    EXISTS (
        SELECT FROM edi.api_key JOIN edi.submitter USING (submitter_id) WHERE api_key.fact_key = ask.credential
        AND api_key.revoked_at IS NULL AND submitter.submitter_id = ask.submitter_id AND submitter.status = 'active'
    ) AS is_admitted,
    change.change_id,
    change.recorded_at,
    version.document
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::timestamptz[])
    WITH ORDINALITY AS ask (submitter_id, credential, since, until, after, moment, place)
LEFT JOIN LATERAL (
    SELECT DISTINCT change.change_id, change.claim_id, change.recorded_at
    FROM edi.entitlement AS granted JOIN edi.claim_change AS change ON change.tin = granted.tin
    WHERE granted.submitter_id = ask.submitter_id
        AND granted.function = 'claim status' AND granted.revoked_at IS NULL AND granted.valid @> ask.moment
        AND change.transaction >= pg_snapshot_xmin(ask.since::pg_snapshot)
        AND NOT pg_visible_in_snapshot(change.transaction, ask.since::pg_snapshot)
        AND (ask.until IS NULL OR pg_visible_in_snapshot(change.transaction, ask.until::pg_snapshot))
        AND change.change_id > ask.after
    ORDER BY change.change_id
    LIMIT $7
) AS change ON true
LEFT JOIN LATERAL (
    SELECT document FROM edi.claim WHERE id = change.claim_id AND claim.recorded_at = change.recorded_at
    UNION ALL
    SELECT document FROM edi.claim_history WHERE id = change.claim_id AND recorded @> change.recorded_at
) AS version ON true
ORDER BY ask.place, change.change_id
"""

_ORIGIN = """
SELECT secret, system_identifier::text || '.' || oid AS database, pg_current_snapshot()::text AS snapshot
FROM edi.cursor_secret, pg_control_system(), pg_database WHERE datname = current_database()
"""

_DECODER = msgspec.json.Decoder(Claim)


@dataclass(frozen=True, slots=True)
class Position:
    """How far a reader has got."""

    since: str
    """Everything that this snapshot shows has been read (``pg_snapshot`` as text)."""
    until: str | None = None
    """Of what came later, only what this one shows is being read at present, page by page; None: all there is."""
    after: int = 0
    """And of that everything up to this change."""


@dataclass(frozen=True, slots=True)
class Change:
    """A claim as a change of its status has left it."""

    change_id: int
    recorded_at: datetime
    claim: Claim = field(repr=False)


@dataclass(frozen=True, slots=True)
class Page:
    """What there was to read."""

    changes: Sequence[Change]
    next: Position
    has_more: bool
    """Whether reading on would bring more at once."""
    tins: frozenset[str]
    """Whose claims the submitter may follow."""
    is_admitted: bool
    """Whether the credential holds still."""


@dataclass(frozen=True, slots=True)
class Origin:
    """What cursors are made with."""

    secret: bytes = field(repr=False)
    database: str
    """Snapshots mean nothing in another one."""
    snapshot: str
    """Of now."""


@dataclass(frozen=True, slots=True)
class _Ask:
    submitter: Fact[Submitter]
    position: Position
    moment: datetime
    page: "asyncio.Future[Page]" = field(repr=False)


class ClaimChanges:
    """Reads changes over a pool of connections; who asks while a statement runs goes with the next, all together."""

    def __init__(self, pool: Any) -> None:
        self._pool = pool
        self._waiting: list[_Ask] = []
        self._task: asyncio.Task[None] | None = None

    async def read(self, submitter: Fact[Submitter], position: Position, moment: datetime) -> Page:
        """What has changed behind a position, of the claims that a submitter may ask after at this moment.

        Raises:
            Outage: PostgreSQL does not answer.
        """
        page: asyncio.Future[Page] = asyncio.get_running_loop().create_future()
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
            async with self._pool.acquire(timeout=DATABASE_SLOT_SECONDS) as connection:
                row = await connection.fetchrow(_ORIGIN, timeout=DATABASE_LOOKUP_SECONDS)
        return Origin(row["secret"], row["database"], row["snapshot"])

    async def close(self) -> None:
        """Give up what is under way."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _read_all(self) -> None:
        while self._waiting:
            group = [ask for ask in self._waiting[:CHANGE_READERS_PER_STATEMENT] if not ask.page.done()]
            del self._waiting[:CHANGE_READERS_PER_STATEMENT]
            try:
                pages = await self._read_group(group)
            except Outage as outage:
                pages = [outage] * len(group)
            except asyncio.CancelledError:
                for ask in group:
                    ask.page.cancel()
                raise
            for ask, page in zip(group, pages, strict=True):
                _settle(ask.page, page)

    async def _read_group(self, group: Sequence[_Ask]) -> list[Page | Outage]:
        columns = (
            [ask.submitter.value.submitter_id for ask in group],
            [ask.submitter.key for ask in group],
            [ask.position.since for ask in group],
            [ask.position.until for ask in group],
            [ask.position.after for ask in group],
            [ask.moment for ask in group],
        )
        with outage_when_down("read changes"):
            async with self._pool.acquire(timeout=DATABASE_SLOT_SECONDS) as connection:
                rows = await connection.fetch(_READ, *columns, CHANGES_PER_PAGE + 1, timeout=DATABASE_LOOKUP_SECONDS)
        by_place: dict[int, list[Any]] = {}
        for row in rows:
            by_place.setdefault(row["place"], []).append(row)
        return [_page(ask.position, by_place[place]) for place, ask in enumerate(group, start=1)]


def _settle(waiting: "asyncio.Future[Page]", page: Page | Outage) -> None:
    """Hand a page out; who asked may have gone meanwhile."""
    if waiting.done():
        return
    if isinstance(page, Outage):
        waiting.set_exception(page)
    else:
        waiting.set_result(page)


def _page(position: Position, rows: Sequence[Any]) -> Page | Outage:
    """The changes of one reader; further pages are of what could be seen when the first was read."""
    found = [row for row in rows if row["change_id"] is not None]
    told, has_more = found[:CHANGES_PER_PAGE], len(found) > CHANGES_PER_PAGE
    until = position.until or rows[0]["snapshot"]
    try:
        changes = [Change(row["change_id"], row["recorded_at"], _DECODER.decode(row["document"])) for row in told]
    except msgspec.MsgspecError:
        return UnreadableDocument("a claim that has changed is not of its type")
    onward = Position(position.since, until, changes[-1].change_id) if has_more else Position(until)
    return Page(
        changes, onward, has_more or position.until is not None, frozenset(rows[0]["tins"]), rows[0]["is_admitted"]
    )
