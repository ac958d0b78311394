"""Loading an X12 file: read and judged by one thread, piece by piece, while what was read before is taken in."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

from gateway.cli.load_output import told_finding, told_foreign_set, told_passed_over
from gateway.store.database import Connection, connect, outage_when_down, refused_when_contradictory
from gateway.store.filed import Filed, Finish, Place, TakeIn, Taken
from gateway.store.limits import LOAD_CLAIMS_PER_TRANSACTION
from parsers.filing import HEADER_RANK, EnvelopeFaults, Filing, Outline, Part, SetOpened

TOLD_MAX = 100
"""Of what is wrong in one file, so much is told one by one."""


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


@dataclass(slots=True)
class Loaded:
    """What has become of a file."""

    loaded: int = 0
    """Values that are in the store now, those that were there before included."""
    changes: int = 0
    """Facts that are new or other than before."""
    passed_over: int = 0
    is_faultless: bool = True


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

    def tell_some(lines: Sequence[str]) -> None:
        nonlocal told
        for line in lines[: TOLD_MAX - told]:
            tell(line)
        told = min(told + len(lines), TOLD_MAX)

    connection = await connect(database_url)
    try:
        async for batch in _ahead(read_batches(loadings, chunks)):
            lines = batch.told
            loaded.passed_over += batch.passed_over
            loaded.is_faultless = loaded.is_faultless and not batch.has_faults
            if batch.loading is not None and batch.filed:
                taking = batch.loading.take_in(connection, batch.filed, today)
                lines = [*lines, *await _take_in(connection, taking, len(batch.filed), loaded)]
            tell_some(lines)
        for finish in [loading.finish for loading in loadings if loading.finish is not None]:
            tell_some(await _take_in(connection, finish(connection), 0, loaded))
    finally:
        connection.terminate()
    return loaded


async def _take_in(connection: Connection, taking: Awaitable[Taken], values: int, loaded: Loaded) -> list[str]:
    """Take so many values in and count them; gives what there is to tell."""
    with outage_when_down("load"), refused_when_contradictory("the file contradicts the store"):
        async with connection.transaction():
            taken = await taking
    loaded.loaded += values - len(taken.passed_over)
    loaded.changes += taken.changes
    loaded.passed_over += len(taken.passed_over)
    loaded.is_faultless = loaded.is_faultless and not taken.passed_over
    return [told_passed_over(passed_over) for passed_over in taken.passed_over]


@dataclass(slots=True)
class Batch:
    """What one transaction takes in, and what was found wrong on the way to it."""

    loading: X12Loading | None = None
    filed: list[Filed[Any]] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    """At most `TOLD_MAX`."""
    passed_over: int = 0
    has_faults: bool = False

    def tell(self, lines: Iterable[str]) -> None:
        """Note that something is wrong."""
        for line in lines:
            self.has_faults = True
            if len(self.told) < TOLD_MAX:
                self.told.append(line)


def read_batches(
    loadings: Sequence[X12Loading], chunks: Iterable[bytes], size: int = LOAD_CLAIMS_PER_TRANSACTION
) -> Iterator[Batch]:
    """Read a file in batches of one kind each; the last may hold nothing but what is wrong."""
    by_kind = {(loading.transaction, guide): loading for loading in loadings for guide in loading.guides}
    batch, reader, innermost = Batch(), None, HEADER_RANK
    for filed in _file(Filing({kind: loading.outline for kind, loading in by_kind.items()}), chunks):
        if isinstance(filed, EnvelopeFaults):
            batch.tell(map(told_finding, filed.findings))
        elif isinstance(filed, SetOpened):
            if not filed.is_taken:
                batch.tell([told_foreign_set(filed, by_kind)])
                continue
            loading = by_kind[filed.identifier, filed.guide]
            if batch.filed and batch.loading is not loading:
                yield batch
                batch = Batch()
            batch.loading, reader, innermost = loading, loading.reader(), loading.outline.innermost
        elif filed.is_sound and reader is not None:
            place = Place(filed.transaction, filed.position, filed.identifier)
            batch.filed += [Filed(value, place) for value in reader.read(filed)]
        else:
            batch.tell(map(told_finding, filed.findings))
            batch.passed_over += filed.rank == innermost
        if len(batch.filed) >= size:
            yield batch
            batch = Batch(batch.loading)
    yield batch


def _file(filing: Filing, chunks: Iterable[bytes]) -> Iterator[EnvelopeFaults | SetOpened | Part]:
    for chunk in chunks:
        yield from filing.feed(chunk)
    yield from filing.close()


async def _ahead(batches: Iterator[Batch]) -> AsyncIterator[Batch]:
    """The same; each is prepared by a thread while the one before is in work."""
    upcoming = asyncio.create_task(asyncio.to_thread(next, batches, None))
    while (batch := await upcoming) is not None:
        upcoming = asyncio.create_task(asyncio.to_thread(next, batches, None))
        yield batch
