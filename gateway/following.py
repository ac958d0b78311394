"""Following: a submitter asks once, and waits until something has become of a claim or review that it may ask after."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from gateway.clock import Clock
from gateway.cursors import CursorTooOld, read_cursor, write_cursor
from gateway.exchange import CredentialWithdrawn
from gateway.store.changes import Change, ChangeReader, Feed, Origin, Page, Position
from gateway.store.database import pool
from gateway.store.fact import Fact
from gateway.store.keys import Kind
from gateway.store.listening import Listener
from rules.facts import Submitter

ValueT = TypeVar("ValueT")


@dataclass(slots=True)
class Followed(Generic[ValueT]):
    """What has changed, and from where to read on. Nobody changes it."""

    changes: Sequence[Change[ValueT]]
    cursor: str
    has_more: bool
    versions: Mapping[str, int] = field(default_factory=dict, repr=False)
    """Of the facts by which the changes may be told."""


class _Waiter:
    """Somebody who waits; woken when one of the topics changes, or any where they are not known yet.

    No `asyncio.Event` with a time-out: a thousand who are woken at once would pay 30 ms for it.
    """

    __slots__ = ("_alarm", "_is_woken", "_loop", "end", "topics")

    def __init__(self, wait_s: float) -> None:
        self._loop = asyncio.get_running_loop()
        self._is_woken = False
        self._alarm: asyncio.Future[None] | None = None
        self.topics: frozenset[str] | None = None
        self.end = self._loop.time() + wait_s

    @property
    def is_over(self) -> bool:
        """Whether it has waited long enough."""
        return self._loop.time() >= self.end

    def wake(self) -> None:
        """End the present wait, or the one that is about to begin."""
        self._is_woken = True
        if self._alarm is not None and not self._alarm.done():
            self._alarm.set_result(None)

    def rise(self) -> None:
        """Take note of having been woken: from now on that counts for the next wait."""
        self._is_woken = False

    async def sleep(self) -> None:
        """Return when woken since the last ``rise``, or at the end."""
        if self._is_woken:
            return
        self._alarm = self._loop.create_future()
        timer = self._loop.call_at(self.end, self.wake)
        try:
            await self._alarm
        finally:
            self._alarm = None
            timer.cancel()


class Following(Generic[ValueT]):
    """Lets submitters follow one feed; one for the process."""

    def __init__(self, reader: ChangeReader[ValueT]) -> None:
        self._reader = reader
        self._origin: Origin | None = None
        self._waiters: set[_Waiter] = set()
        self._ends = False

    @property
    def waiting(self) -> int:
        """How many wait at present."""
        return len(self._waiters)

    async def follow(self, submitter: Fact[Submitter], cursor: str, clock: Clock, wait_s: float) -> Followed[ValueT]:
        """What has changed since a cursor; without one, a cursor to begin with.

        Args:
            submitter: who asks; told is what it may be told at the moment of the look that finds it.
            cursor: as it was last given, or empty.
            clock: tells that moment.
            wait_s: how long to wait for the first change.

        Raises:
            NoCursor: as ``gateway.cursors.read_cursor``.
            CursorTooOld: that, or changes behind the cursor are not kept any more.
            CredentialWithdrawn: the submitter's credential does not hold any more.
            Outage: PostgreSQL does not answer.
        """
        feed, submitter_id = self._reader.feed.name, submitter.value.submitter_id
        if not cursor:
            origin = self._origin = await self._reader.origin()
            return Followed((), write_cursor(Position(origin.snapshot), feed, submitter_id, origin), has_more=False)
        if self._origin is None:
            self._origin = await self._reader.origin()
        origin = self._origin
        position = read_cursor(cursor, feed, submitter_id, origin)
        page = await self._wait(submitter, position, clock, wait_s)
        onward = write_cursor(page.next, feed, submitter_id, origin)
        return Followed(page.changes, onward, page.has_more, page.versions)

    async def _wait(self, submitter: Fact[Submitter], position: Position, clock: Clock, wait_s: float) -> Page[ValueT]:
        """The first page that is not empty, or the one at the end of the wait."""
        waiter = _Waiter(wait_s)
        # Among those who are woken before the first look: a change between look and wait must not be slept through.
        self._waiters.add(waiter)
        try:
            while True:
                waiter.rise()
                page = await self._look(submitter, position, clock)
                if page.changes or page.has_more or waiter.is_over or self._ends:
                    return page
                waiter.topics, position = page.topics, page.next
                await waiter.sleep()
        finally:
            self._waiters.discard(waiter)

    async def _look(self, submitter: Fact[Submitter], position: Position, clock: Clock) -> Page[ValueT]:
        page = await self._reader.read(submitter, position, clock())
        if not page.is_admitted:
            raise CredentialWithdrawn
        if not page.is_kept:
            raise CursorTooOld
        return page

    def wake(self, topics: Sequence[str]) -> None:
        """Something of these topics has changed."""
        for waiter in self._waiters:
            if waiter.topics is None or not waiter.topics.isdisjoint(topics):
                waiter.wake()

    def wake_all(self) -> None:
        """Changes may have been missed, or the database be another one."""
        self._origin = None
        for waiter in self._waiters:
            waiter.wake()

    def end(self) -> None:
        """Let nobody wait any more."""
        self._ends = True
        for waiter in self._waiters:
            waiter.wake()


def _no_kind(_kind: Kind) -> None:
    """Only topics are told on these channels."""


@asynccontextmanager
async def open_following(database_url: str, feed: Feed[ValueT]) -> AsyncIterator[Following[ValueT]]:
    """Following over one database, for as long as the block lasts; one connection listens for all who wait."""
    async with pool(database_url) as connections:
        reader = ChangeReader(feed, connections)
        following = Following(reader)
        listener = Listener(database_url, following.wake, _no_kind, following.wake_all, feed.channel)
        listening = asyncio.create_task(listener.run())
        try:
            yield following
        finally:
            following.end()
            listening.cancel()
            await asyncio.wait([listening])
            await reader.close()
            connections.terminate()
