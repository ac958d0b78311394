"""Following claims: a submitter asks once, and waits until something has become of a claim that it may ask after."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from gateway.cursors import read_cursor, write_cursor
from gateway.exchange import CredentialWithdrawn
from gateway.store.claim_changes import CHANNEL, Change, ClaimChanges, Origin, Page, Position
from gateway.store.database import pool
from gateway.store.fact import Fact
from gateway.store.keys import Kind
from gateway.store.listening import Listener
from rules.facts import Submitter


@dataclass(frozen=True, slots=True)
class Followed:
    """What has become of claims, and from where to read on."""

    changes: Sequence[Change]
    cursor: str
    has_more: bool


class _Waiter:
    """Somebody who waits; woken when one of the tax ids changes, or any where they are not known yet."""

    __slots__ = ("tins", "woken")

    def __init__(self) -> None:
        self.tins: frozenset[str] | None = None
        self.woken = asyncio.Event()


class Following:
    """Lets submitters follow their claims; one for the process."""

    def __init__(self, changes: ClaimChanges) -> None:
        self._changes = changes
        self._origin: Origin | None = None
        self._waiters: set[_Waiter] = set()
        self._ends = False

    @property
    def waiting(self) -> int:
        """How many wait at present."""
        return len(self._waiters)

    async def follow(self, submitter: Fact[Submitter], cursor: str, moment: datetime, wait_s: float) -> Followed:
        """What has changed since a cursor; without one, a cursor to begin with.

        Args:
            submitter: who asks; the claims of the groups that entitle it at ``moment`` are told.
            cursor: as it was last given, or empty.
            moment: of the question; aware.
            wait_s: how long to wait for the first change.

        Raises:
            NoCursor, CursorTooOld: as ``gateway.cursors.read_cursor``.
            CredentialWithdrawn: the submitter's credential does not hold any more.
            Outage: PostgreSQL does not answer.
        """
        submitter_id = submitter.value.submitter_id
        if not cursor:
            origin = self._origin = await self._changes.origin()
            return Followed((), write_cursor(Position(origin.snapshot), submitter_id, origin, moment), False)
        if self._origin is None:
            self._origin = await self._changes.origin()
        origin = self._origin
        position = read_cursor(cursor, submitter_id, origin, moment)
        page = await self._wait(submitter, position, moment, wait_s)
        return Followed(page.changes, write_cursor(page.next, submitter_id, origin, moment), page.has_more)

    async def _wait(self, submitter: Fact[Submitter], position: Position, moment: datetime, wait_s: float) -> Page:
        """The first page that is not empty, or the one at the end of the wait."""
        loop = asyncio.get_running_loop()
        begun = loop.time()
        waiter = _Waiter()
        # Among those who are woken before the first look: a change between look and wait must not be slept through.
        self._waiters.add(waiter)
        try:
            while True:
                waiter.woken.clear()
                page = await self._changes.read(submitter, position, moment)
                if not page.is_admitted:
                    raise CredentialWithdrawn
                left = wait_s - (loop.time() - begun)
                if page.changes or page.has_more or left <= 0 or self._ends:
                    return page
                waiter.tins = page.tins
                await _wait_for(waiter.woken, left)
        finally:
            self._waiters.discard(waiter)

    def wake(self, tins: Sequence[str]) -> None:
        """Claims of these tax ids have changed."""
        for waiter in self._waiters:
            if waiter.tins is None or not waiter.tins.isdisjoint(tins):
                waiter.woken.set()

    def wake_all(self) -> None:
        """Changes may have been missed, or the database be another one."""
        self._origin = None
        for waiter in self._waiters:
            waiter.woken.set()

    def end(self) -> None:
        """Let nobody wait any more."""
        self._ends = True
        for waiter in self._waiters:
            waiter.woken.set()


async def _wait_for(event: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return


def _no_kind(_kind: Kind) -> None:
    """Only tax ids are told on this channel."""


@asynccontextmanager
async def open_following(database_url: str) -> AsyncIterator[Following]:
    """Following over one database, for as long as the block lasts; one connection listens for all who wait."""
    async with pool(database_url) as connections:
        changes = ClaimChanges(connections)
        following = Following(changes)
        listener = Listener(database_url, following.wake, _no_kind, following.wake_all, CHANNEL)
        listening = asyncio.create_task(listener.run())
        try:
            yield following
        finally:
            following.end()
            listening.cancel()
            await asyncio.wait([listening])
            await changes.close()
            connections.terminate()
