"""Following: a submitter asks once, and waits until something has become of a claim or review that it may ask after.

Who waits is not woken for a look: the looks of all whom a change may concern are taken together, and only those for
whom there is something to tell, or whose time is over, go on.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import Generic, TypeVar

from gateway.clock import Clock
from gateway.cursors import CursorTooOld, read_cursor, write_cursor
from gateway.exchange import CredentialWithdrawn
from gateway.store.change_reading import ChangeReader
from gateway.store.changes import Change, Feed, Origin, Page, Position
from gateway.store.database import pool
from gateway.store.fact import Fact
from gateway.store.fact_keeping import FactKeeper
from gateway.store.keys import Kind
from gateway.store.limits import FACTS_KEPT_PER_FOLLOWER_MAX
from gateway.store.listening import Listener
from rules.facts import Submitter

SWEEP_S = 0.1
"""How often it is seen whose time is over: a timer for each who waits would cost as much as its place among them."""

ValueT = TypeVar("ValueT")


@dataclass(slots=True)
class Followed(Generic[ValueT]):
    """What has changed, and from where to read on. Nobody changes it."""

    changes: Sequence[Change[ValueT]]
    cursor: str
    has_more: bool
    versions: Mapping[str, int] = field(default_factory=dict, repr=False)
    """Of the facts by which the changes may be told."""
    are_facts_kept: bool = False
    """Whether these facts are kept for the audit."""


@dataclass(slots=True, eq=False)
class _Follower(Generic[ValueT]):
    """Somebody who waits."""

    submitter: Fact[Submitter]
    position: Position
    clock: Clock
    found: "asyncio.Future[Page[ValueT]]" = field(repr=False)
    """The first page that is not empty, or the last one at the end of the wait."""
    end: float
    """When it has waited long enough, by the loop's clock."""
    waits: bool
    """Whether an empty page is to be followed by another look."""
    look: "asyncio.Future[Page[ValueT]] | None" = field(default=None, repr=False)
    """The one under way."""
    look_number: int = 0
    """How many messages had come when it was asked for."""
    page: Page[ValueT] | None = field(default=None, repr=False)
    """The last one."""
    topics: frozenset[str] = frozenset()
    """Among whose waiters this one is."""

    @property
    def is_waiting(self) -> bool:
        """Whether there was nothing at its last look, and it goes on waiting."""
        return self.page is not None and self.look is None and not self.found.done()


class _Messages:
    """What was heard of while looks were under way: what they saw may be older."""

    def __init__(self) -> None:
        self.number = 0
        """How many messages have come."""
        self._numbers: dict[str, int] = {}
        """The last message about each topic."""
        self._number_of_all = 0
        """The last that may have been about any."""

    def note(self, topics: Iterable[str]) -> None:
        """A message about these topics has come."""
        self.number += 1
        self._numbers.update(dict.fromkeys(topics, self.number))

    def note_all(self) -> None:
        """A message has come that may be about any topic."""
        self.number += 1
        self._number_of_all = self.number

    def forget(self) -> None:
        """No look is under way that began before now."""
        self._numbers.clear()

    def have_come_since(self, number: int, topics: frozenset[str]) -> bool:
        """Whether one of these topics was heard of when so many messages had come."""
        return self._number_of_all > number or any(self._numbers.get(topic, 0) > number for topic in topics)


class Following(Generic[ValueT]):
    """Lets submitters follow one feed; one for the process."""

    def __init__(self, reader: ChangeReader[ValueT], keeper: FactKeeper) -> None:
        self._reader = reader
        self._keeper = keeper
        self._origin: Origin | None = None
        self._messages = _Messages()
        self._followers: set[_Follower[ValueT]] = set()
        self._looking = 0
        self._waiting: dict[str, set[_Follower[ValueT]]] = {}
        """Those for whom there was nothing at their last look, by what may bring them something."""
        self._ends = False
        self._is_sweeping = False

    @property
    def waiting(self) -> int:
        """How many wait at present, without a look under way."""
        return sum(follower.is_waiting for follower in self._followers)

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
        if not page.is_admitted:
            raise CredentialWithdrawn
        if not page.is_kept:
            raise CursorTooOld
        onward = write_cursor(page.next, feed, submitter_id, origin)
        return Followed(page.changes, onward, page.has_more, page.versions, self._keeper.has(page.versions))

    async def _wait(self, submitter: Fact[Submitter], position: Position, clock: Clock, wait_s: float) -> Page[ValueT]:
        """The first page that is not empty, or the one at the end of the wait."""
        loop = asyncio.get_running_loop()
        waits = wait_s > 0 and not self._ends
        follower = _Follower(submitter, position, clock, loop.create_future(), loop.time() + wait_s, waits)
        self._followers.add(follower)
        if not self._is_sweeping:
            self._sweep(loop)
        try:
            self._look(follower)
            return await follower.found
        finally:
            self._followers.discard(follower)
            self._leave(follower)
            if follower.look is not None:
                follower.look.cancel()

    def _look(self, follower: _Follower[ValueT]) -> None:
        """Have a page read for somebody."""
        if not self._looking:
            self._messages.forget()
        self._looking += 1
        follower.look_number = self._messages.number
        follower.look = self._reader.read(follower.submitter, follower.position, follower.clock)
        follower.look.add_done_callback(lambda look: self._take(follower, look))

    def _take(self, follower: _Follower[ValueT], look: "asyncio.Future[Page[ValueT]]") -> None:
        """What came of a look: tell it, wait on, or look again where it may have come too early."""
        self._looking -= 1
        follower.look = None
        if follower.found.done() or look.cancelled():
            follower.found.cancel()
            return
        error = look.exception()
        if error is not None:
            follower.found.set_exception(error)
            return
        page = look.result()
        if not page.is_empty or not follower.waits:
            follower.found.set_result(page)
            return
        follower.page, follower.position = page, page.next
        if self._messages.have_come_since(follower.look_number, page.topics):
            self._look(follower)
            return
        follower.topics = page.topics
        for topic in page.topics:
            self._waiting.setdefault(topic, set()).add(follower)
        self._keeper.keep(self._facts_of(follower))

    def _facts_of(self, follower: _Follower[ValueT]) -> Iterator[str]:
        """The keys of the facts by which somebody who waits will be told, at least of the first topics."""
        yield follower.submitter.key
        fact_key = self._reader.feed.fact_key
        if fact_key is not None:
            submitter_id = follower.submitter.value.submitter_id
            for topic in islice(follower.topics, FACTS_KEPT_PER_FOLLOWER_MAX):
                yield fact_key(submitter_id, topic)

    def _leave(self, follower: _Follower[ValueT]) -> None:
        """Have somebody not wait for any topic."""
        for topic in follower.topics:
            waiting = self._waiting[topic]
            waiting.remove(follower)
            if not waiting:
                del self._waiting[topic]
        follower.topics = frozenset()

    def _release(self, follower: _Follower[ValueT]) -> None:
        """Let somebody go on with what there is, after the look that is under way."""
        follower.waits = False
        if follower.page is not None and follower.is_waiting:
            follower.found.set_result(follower.page)

    def _sweep(self, loop: asyncio.AbstractEventLoop) -> None:
        """Release those whose time is over, now and as long as there is anybody."""
        now = loop.time()
        for follower in self._followers:
            if follower.end <= now:
                self._release(follower)
        self._is_sweeping = bool(self._followers)
        if self._is_sweeping:
            loop.call_later(SWEEP_S, self._sweep, loop)

    def wake(self, topics: Sequence[str]) -> None:
        """Something of these topics has changed."""
        self._messages.note(topics)
        for topic in topics:
            for follower in tuple(self._waiting.get(topic, ())):
                if follower.is_waiting:
                    self._rouse(follower)

    def wake_all(self) -> None:
        """Changes may have been missed, or the database be another one."""
        self._origin = None
        self._keeper.forget()
        self._messages.note_all()
        for follower in self._followers:
            if follower.is_waiting:
                self._rouse(follower)

    def _rouse(self, follower: _Follower[ValueT]) -> None:
        self._leave(follower)
        self._look(follower)

    def end(self) -> None:
        """Let nobody wait any more."""
        self._ends = True
        for follower in self._followers:
            self._release(follower)


def _no_kind(_kind: Kind) -> None:
    """Only topics are told on these channels."""


@asynccontextmanager
async def open_following(database_url: str, feed: Feed[ValueT]) -> AsyncIterator[Following[ValueT]]:
    """Following over one database, for as long as the block lasts; one connection listens for all who wait."""
    async with pool(database_url) as connections:
        reader = ChangeReader(feed, connections)
        keeper = FactKeeper(connections)
        following = Following(reader, keeper)
        listener = Listener(database_url, following.wake, _no_kind, following.wake_all, feed.channel)
        listening = asyncio.create_task(listener.run())
        try:
            yield following
        finally:
            following.end()
            listening.cancel()
            await asyncio.wait([listening])
            await asyncio.gather(reader.close(), keeper.close())
            connections.terminate()
