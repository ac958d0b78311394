"""One authorization a request, however often it comes: ``python -m benchmarks.reviews [--requests N] [--copies N]``.

Starts PostgreSQL, Valkey and a gateway of two processes, and sends each 278 so many times at once over HTTP. Some of
the connections are cut (RST): when PostgreSQL tells that the review is on record and the reply is not written yet, at
the reply's first byte, or as soon as all was sent; of every tenth request all of them. Later each request is sent once
more, and once with other content under the same trace. The exit status is 1 unless each request made one
authorization, all of its replies are the same byte for byte, the later one included, and the other content was refused.
"""

import argparse
import asyncio
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import asyncpg
import msgspec

from benchmarks.cut_connections import Client, Fate, Reply
from benchmarks.realtime import machine
from edi.services_review import ReviewRequest
from gateway.embedded import EmbeddedServers
from gateway.store.calendars import change_calendar
from gateway.store.migrating import migrate
from parsers import parse
from rules.reviews import identity_of
from tests.review_desk import PAYER_ID, open_review_desk, request
from tests.serving import serving

SEED = 278
WORKERS = 2
AT_ONCE = 5
"""Requests under way at the same time, each with all its copies."""
ALL_CUT_EVERY = 10
CHANNEL = "edi_facts"
"""On which PostgreSQL tells of each review that has come on record."""
_FATES = (Fate.KEPT, Fate.CUT_AFTER_COMMIT, Fate.KEPT, Fate.CUT_IN_REPLY, Fate.KEPT, Fate.CUT_AFTER_SENDING)
_CUTS = (Fate.CUT_AFTER_COMMIT, Fate.CUT_IN_REPLY, Fate.CUT_AFTER_COMMIT, Fate.CUT_AFTER_SENDING)
_ON_RECORD = """
SELECT
    (SELECT count(*) FROM edi.review) AS authorizations,
    (SELECT count(*) FROM edi.review_event WHERE kind = 'decision') AS decisions,
    (SELECT count(DISTINCT document ->> 'number') FROM edi.review_event WHERE kind = 'decision') AS numbers
"""


@dataclass(slots=True)
class Asked:
    """One request and what came of it."""

    number: int
    data: bytes = field(repr=False)
    trace: str
    """Its fact key, by which PostgreSQL tells that it is on record."""
    committed: asyncio.Event
    replies: list[Reply] = field(default_factory=list)

    @property
    def bodies(self) -> set[bytes]:
        """The different replies that told a decision."""
        return {reply.body for reply in self.replies if reply.outcome == "278"}


@dataclass(frozen=True, slots=True)
class Figures:
    """What is told in the end."""

    requests: int
    copies: int
    sent: int
    connections: dict[str, int]
    """By what became of them."""
    replies: dict[str, int]
    """Those that came whole, by outcome or HTTP status."""
    authorizations: int
    decisions: int
    numbers: int
    """Different certification numbers on record."""
    answered_differently: int
    """Requests with two replies that are not the same, byte for byte."""
    not_answered_later: int
    other_content_refused: int
    seconds: float
    machine: str

    @property
    def is_right(self) -> bool:
        """Whether nothing was authorized twice, told differently or lost."""
        once = {self.authorizations, self.decisions, self.numbers} == {self.requests}
        return (
            once
            and not self.answered_differently + self.not_answered_later
            and (self.other_content_refused == self.requests)
        )


async def measure(database_url: str, redis_url: str, requests: int, copies: int) -> Figures:
    """Ask a gateway over these servers, whose database is migrated and holds no review."""
    async with open_review_desk(database_url, redis_url) as desk:
        key = desk.key
    await change_calendar(database_url, PAYER_ID, lambda calendar: replace(calendar, windows=()))
    asked = [_asked(number) for number in range(requests)]
    with serving("--workers", str(WORKERS), database_url=database_url, redis_url=redis_url) as gateway:
        client = Client(gateway.port, key)
        begun = time.monotonic()
        async with _told_of_commits(database_url, asked):
            sent = await _ask_all(client, asked, copies)
            later = [await _once(client, each.data) for each in asked]
            others = [await _once(client, _request(each.number, "15780")) for each in asked]
        seconds = time.monotonic() - begun
    for each, reply in zip(asked, later, strict=True):
        each.replies.append(reply)
    return await _figures(database_url, asked, [*sent, *later, *others], others, copies, seconds)


def _request(number: int, code: str = "97110") -> bytes:
    return request(code=code, trace=f"BENCH-{number}", reference=f"REF-{number}", control_number=f"{number + 1:09}")


def _asked(number: int) -> Asked:
    data = _request(number)
    (read,) = parse(data).requests
    assert isinstance(read, ReviewRequest)
    return Asked(number, data, f"review/trace/{identity_of('clinic', read).trace}", asyncio.Event())


@asynccontextmanager
async def _told_of_commits(database_url: str, asked: Sequence[Asked]) -> AsyncIterator[None]:
    """While the block lasts, each request's event is set when its review has come on record."""
    events = {each.trace: each.committed for each in asked}

    def told(_connection: object, _process: int, _channel: str, keys: object) -> None:
        for key in str(keys).split("\n"):
            if key in events:
                events[key].set()

    connection = await asyncpg.connect(database_url)
    await connection.add_listener(CHANNEL, told)
    try:
        yield
    finally:
        await connection.close()


async def _ask_all(client: Client, asked: Sequence[Asked], copies: int) -> list[Reply]:
    """Send all copies of all requests, some requests at a time; gives what became of each."""
    places = asyncio.Semaphore(AT_ONCE)
    chance = random.Random(SEED)

    async def ask(each: Asked, fates: list[Fate]) -> list[Reply]:
        async with places:
            each.replies += await asyncio.gather(*(client.ask(each.data, fate, each.committed.wait) for fate in fates))
        return each.replies

    told = await asyncio.gather(*(ask(each, list(_fates(each.number, copies, chance))) for each in asked))
    return [reply for replies in told for reply in replies]


def _fates(number: int, copies: int, chance: random.Random) -> Iterator[Fate]:
    """What becomes of each copy's connection, in an order of chance."""
    choice = _CUTS if number % ALL_CUT_EVERY == 0 else _FATES
    fates = [choice[copy % len(choice)] for copy in range(copies)]
    chance.shuffle(fates)
    yield from fates


async def _once(client: Client, data: bytes) -> Reply:
    return await client.ask(data, Fate.KEPT, asyncio.Event().wait)


async def _figures(
    database_url: str,
    asked: Sequence[Asked],
    sent: Sequence[Reply],
    others: Sequence[Reply],
    copies: int,
    seconds: float,
) -> Figures:
    connection = await asyncpg.connect(database_url)
    try:
        on_record = await connection.fetchrow(_ON_RECORD)
    finally:
        await connection.close()
    kept = [reply for reply in sent if reply.fate is Fate.KEPT]
    return Figures(
        requests=len(asked),
        copies=copies,
        sent=len(sent),
        connections=dict(Counter(reply.fate.value for reply in sent)),
        replies=dict(Counter(reply.outcome or str(reply.status) for reply in kept)),
        answered_differently=sum(len(each.bodies) > 1 for each in asked),
        not_answered_later=sum(each.replies[-1].outcome != "278" for each in asked),
        other_content_refused=sum(reply.outcome == "AAA" and b"TRACE NUMBER" in reply.body for reply in others),
        seconds=round(seconds, 1),
        machine=machine(),
        **on_record,
    )


def show(figures: Figures) -> None:
    """The figures for people."""
    print(
        f"{figures.machine}; {figures.requests} requests, each sent {figures.copies} times at once; {WORKERS} processes"
    )
    for name, count in (*figures.connections.items(), *figures.replies.items()):
        print(f"{count:8,}  {name}")
    print(f"{figures.authorizations:8,}  authorizations on record, with {figures.numbers:,} numbers")
    print(f"{figures.answered_differently:8,}  requests answered differently from reply to reply")
    print(f"{figures.not_answered_later:8,}  requests not answered later")
    print(f"{figures.other_content_refused:8,}  requests with other content refused")
    print(f"{figures.seconds:8.1f}  seconds")


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; 1 when something was authorized twice, told differently or lost."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reviews", description=__doc__)
    parser.add_argument("--requests", type=int, default=1000, metavar="N")
    parser.add_argument("--copies", type=int, default=20, metavar="N")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="edi-bench-") as folder, EmbeddedServers(Path(folder) / "data") as servers:
        asyncio.run(migrate(servers.database_url))
        figures = asyncio.run(measure(servers.database_url, servers.redis_url, options.requests, options.copies))
    if options.json:
        print(msgspec.json.encode(figures).decode())
    else:
        show(figures)
    return 0 if figures.is_right else 1


if __name__ == "__main__":
    sys.exit(main())
