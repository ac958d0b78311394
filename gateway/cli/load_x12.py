"""Loading an X12 file: read and judged piece by piece, by a process of its own where it is large, while what was read
before is taken in.

Batches that hold nothing which depends on what stands before it are taken in two at a time, so that this process and
PostgreSQL need not wait for each other.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import chain, islice
from typing import Any, Protocol

from gateway.cli.load_output import told_finding, told_foreign_set, told_passed_over
from gateway.filing_process import file_elsewhere
from gateway.logs import log
from gateway.store.database import Connection, connect, outage_when_down, refused_when_contradictory
from gateway.store.filed import Filed, Finish, PassedOver, Place, TakeIn, Taken
from gateway.store.limits import LOAD_CLAIMS_PER_TRANSACTION
from parsers.filing import EnvelopeFaults, Filing, Outline, Part, SetOpened

BATCHES_IN_WORK_MAX = 2
"""Each has a connection to PostgreSQL of its own."""
BATCHES_AHEAD_MAX = 2
"""Read and judged before they can be taken in. One of claims is about 4 MB."""
CHUNKS_READ_HERE_MAX = 32
"""Of a file in more pieces than this, 2 MB as the command reads it, the reading gets a process of its own."""
TOLD_MAX = 100
"""Of what is wrong in one file, so much is told one by one."""

_FAULT_OF_OURS = "the gateway failed to read it, which is a fault of ours and not of the file; the log says where"
logger = logging.getLogger(__name__)


class Reader(Protocol):
    """Reads the parts of one transaction set, in order, from the one that begins with the ST."""

    def read(self, part: Part) -> Iterable[Any]:
        """The values that the part completes; it is sound, and so is all that it lies in."""
        ...


@dataclass(frozen=True, slots=True)
class X12Loading:
    """How transaction sets of one kind are loaded."""

    transaction: str
    """ST01."""
    guides: frozenset[str]
    """GS08 of the guides that are read."""
    outline: Outline
    """Its innermost parts are what is counted: claims, members."""
    reader: Callable[[], Reader]
    """Makes a reader for each transaction set."""
    take_in: TakeIn
    finish: Finish | None = None
    """What is done at the end of the file."""
    depends_on_former: Callable[[Any], bool] = lambda _: True
    """Whether a value may be about one that stands before it in the file, which has to be taken in first then.

    Batches that hold such a value are taken in one after the other, on the same connection as ``finish``.
    """


@dataclass(slots=True)
class Loaded:
    """What has become of a file, as far as it has got."""

    loaded: int = 0
    """Values that are in the store now, those that were there before included."""
    changes: int = 0
    """Facts that are new or other than before."""
    passed_over: int = 0
    is_faultless: bool = True

    def count(self, batch: Batch, taken: Taken) -> None:
        """Add a batch."""
        self.loaded += len(batch.filed) - len(taken.passed_over)
        self.changes += taken.changes
        self.passed_over += batch.passed_over + len(taken.passed_over)
        self.is_faultless = self.is_faultless and not (batch.has_faults or taken.passed_over)


async def load_x12(
    database_url: str,
    loadings: Sequence[X12Loading],
    chunks: Iterable[bytes],
    today: date,
    tell: Callable[[str], None],
) -> Loaded:
    """Load a file, each batch in a transaction of its own.

    Args:
        database_url: of a migrated database.
        loadings: for the kinds of sets that may be in the file; others are told and passed over.
        chunks: the file, in pieces of some ten thousand bytes.
        today: the payer's.
        tell: is given a line for each thing that is wrong, up to a limit.

    Raises:
        Outage: PostgreSQL does not answer; the batches before are loaded.
        Refused: a batch contradicts the store; the batches before are loaded.
    """
    loaded, told = Loaded(), 0
    async for batch, taken in _taken(database_url, _ahead(read_batches(loadings, chunks)), loadings, today):
        loaded.count(batch, taken)
        lines = [*batch.told, *map(told_passed_over, taken.passed_over)][: TOLD_MAX - told]
        told += len(lines)
        for line in lines:
            tell(line)
    return loaded


async def _taken(
    database_url: str, batches: AsyncIterator[Batch], loadings: Sequence[X12Loading], today: date
) -> AsyncIterator[tuple[Batch, Taken]]:
    """Take batches in, each in a transaction of its own, and give them in their order; then finish."""
    connections = [await connect(database_url) for _ in range(BATCHES_IN_WORK_MAX)]
    free = deque(connections)
    in_work: deque[tuple[Batch, Connection, asyncio.Task[Taken]]] = deque()

    async def end_first() -> tuple[Batch, Taken]:
        batch, connection, task = in_work[0]
        taken = await task
        in_work.popleft()
        free.append(connection)
        return batch, taken

    try:
        async for batch in batches:
            while in_work and (not free or batch.waits_for(in_work[-1][0])):
                yield await end_first()
            connection = connections[0] if batch.depends_on_former else free[0]
            free.remove(connection)
            task = asyncio.create_task(_in_transaction(connection, batch.take_in(connection, today)))
            in_work.append((batch, connection, task))
        while in_work:
            yield await end_first()
        for finish in [loading.finish for loading in loadings if loading.finish is not None]:
            yield Batch(), await _in_transaction(connections[0], finish(connections[0]))
    finally:
        for _, _, task in in_work:
            task.cancel()
        await asyncio.gather(*(task for _, _, task in in_work), return_exceptions=True)
        for connection in connections:
            connection.terminate()


async def _in_transaction(connection: Connection, taking: Awaitable[Taken]) -> Taken:
    with outage_when_down("load"), refused_when_contradictory("the file contradicts the store"):
        async with connection.transaction():
            return await taking


@dataclass(slots=True)
class Batch:
    """What one transaction takes in, and what was found wrong on the way to it."""

    loading: X12Loading | None = None
    filed: list[Filed[Any]] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    """At most `TOLD_MAX`."""
    passed_over: int = 0
    has_faults: bool = False
    depends_on_former: bool = False

    def add(self, value: Any, place: Place, loading: X12Loading) -> None:
        """Add what was read."""
        self.filed.append(Filed(value, place))
        self.depends_on_former = self.depends_on_former or loading.depends_on_former(value)

    def waits_for(self, former: Batch) -> bool:
        """Whether it may be taken in only when the batch before it has been."""
        return self.depends_on_former or former.depends_on_former or self.loading is not former.loading

    async def take_in(self, connection: Connection, today: date) -> Taken:
        """Take it in, within the transaction that the caller has begun."""
        if self.loading is None or not self.filed:
            return Taken(0)
        return await self.loading.take_in(connection, self.filed, today)

    def tell(self, lines: Iterable[str]) -> None:
        """Note that something is wrong."""
        for line in lines:
            self.has_faults = True
            if len(self.told) < TOLD_MAX:
                self.told.append(line)


@dataclass(slots=True)
class _OpenSet:
    """A transaction set while its parts are read."""

    loading: X12Loading
    reader: Reader
    unread_rank: int | None = None
    """Of the part that a fault of ours has left unread; what lies in it would be taken for another's."""

    def read_into(self, batch: Batch, part: Part) -> None:
        """Add what a part holds, or note why it is passed over."""
        if self.unread_rank is not None and part.rank <= self.unread_rank:
            self.unread_rank = None
        batch.tell(map(told_finding, part.findings))
        if part.is_sound and self.unread_rank is None:
            place = Place(part.transaction, part.position, part.identifier)
            try:
                values = list(self.reader.read(part))
            except Exception as error:  # one part that we cannot read keeps up no other
                self.unread_rank = part.rank
                if len(batch.told) < TOLD_MAX:
                    log(logger, logging.ERROR, "a part of a file could not be read", error)
                batch.tell([told_passed_over(PassedOver(place, _FAULT_OF_OURS))])
            else:
                for value in values:
                    batch.add(value, place, self.loading)
                return
        batch.passed_over += part.rank == self.loading.outline.innermost


def read_batches(
    loadings: Sequence[X12Loading], chunks: Iterable[bytes], size: int = LOAD_CLAIMS_PER_TRANSACTION
) -> Iterator[Batch]:
    """Read a file in batches of one kind each; the last may hold nothing but what is wrong."""
    by_kind = {(loading.transaction, guide): loading for loading in loadings for guide in loading.guides}
    batch, opened = Batch(), None
    for filed in _file({kind: loading.outline for kind, loading in by_kind.items()}, chunks):
        if isinstance(filed, Part) and opened is not None:
            opened.read_into(batch, filed)
        elif isinstance(filed, EnvelopeFaults):
            batch.tell(map(told_finding, filed.findings))
        elif isinstance(filed, SetOpened) and not filed.is_taken:
            batch.tell([told_foreign_set(filed, by_kind)])
        elif isinstance(filed, SetOpened):
            loading = by_kind[filed.identifier, filed.guide]
            opened = _OpenSet(loading, loading.reader())
            if batch.filed and batch.loading is not loading:
                yield batch
                batch = Batch()
            batch.loading = loading
        if len(batch.filed) >= size:
            yield batch
            batch = Batch(batch.loading)
    yield batch


def _file(
    outlines: dict[tuple[str, str], Outline], chunks: Iterable[bytes]
) -> Iterator[EnvelopeFaults | SetOpened | Part]:
    """Read and judge a file: here when it is small, in another process when it is worth starting one."""
    pieces = iter(chunks)
    first = list(islice(pieces, CHUNKS_READ_HERE_MAX + 1))
    if len(first) > CHUNKS_READ_HERE_MAX:
        yield from file_elsewhere(outlines, chain(first, pieces))
        return
    filing = Filing(outlines)
    for chunk in first:
        yield from filing.feed(chunk)
    yield from filing.close()


async def _ahead(batches: Iterator[Batch]) -> AsyncIterator[Batch]:
    """The same; some are prepared by a thread while those before are in work."""
    ready: asyncio.Queue[Batch | None] = asyncio.Queue()
    room = asyncio.Semaphore(BATCHES_AHEAD_MAX - 1)

    async def prepare() -> None:
        try:
            while (batch := await asyncio.to_thread(next, batches, None)) is not None:
                ready.put_nowait(batch)
                await room.acquire()
        finally:
            ready.put_nowait(None)

    preparing = asyncio.create_task(prepare())
    try:
        while (batch := await ready.get()) is not None:
            room.release()
            yield batch
        await preparing
    finally:
        preparing.cancel()
