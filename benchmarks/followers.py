"""Clients that follow claims over HTTP: many that wait, each on a connection of its own, and readers of every page."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import cast

import msgspec

from benchmarks.change_writer import turn_of

HEAD_END = b"\r\n\r\n"
LENGTH = b"content-length: "
PATH = "/v1/claims/changes"
RETRY_SECONDS = 0.1


class Status(msgspec.Struct):
    """As far as the clients read it."""

    effective: date


class Claim(msgspec.Struct, rename="camel"):
    """As far as the clients read it."""

    claim_number: str
    status: list[Status]


class Change(msgspec.Struct):
    """As far as the clients read it."""

    claim: Claim


class Page(msgspec.Struct, rename="camel"):
    """What ``GET /v1/claims/changes`` gives."""

    changes: list[Change]
    cursor: str
    has_more: bool


PAGE = msgspec.json.Decoder(Page)


def request(key: str, cursor: str, wait: int) -> bytes:
    """The request for a page."""
    query = f"?cursor={cursor}&wait={wait}" if cursor else ""
    return f"GET {PATH}{query} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {key}\r\n\r\n".encode()


class Waiter(asyncio.Protocol):
    """One client that waits, and asks again as soon as it has been told."""

    def __init__(self, key: str, told: Callable[[float, Page], None]) -> None:
        self._key = key
        self._told = told
        self._transport: asyncio.Transport | None = None
        self._buffer = b""
        self._cursor = ""
        self.is_waiting = False
        """Whether it has a cursor, and has asked with it."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for a cursor."""
        self._transport = cast("asyncio.Transport", transport)
        self._ask("", 0)

    def data_received(self, data: bytes) -> None:
        """Take a page, tell of it, and ask for the next; where the gateway is too busy, ask again."""
        now = time.monotonic()
        self._buffer += data
        head = self._buffer.find(HEAD_END)
        if head < 0:
            return
        start = head + len(HEAD_END)
        length = self._buffer.index(LENGTH) + len(LENGTH)
        size = int(self._buffer[length : self._buffer.index(b"\r", length)])
        if len(self._buffer) < start + size:
            return
        is_page, body = self._buffer.startswith(b"HTTP/1.1 200"), self._buffer[start : start + size]
        self._buffer = self._buffer[start + size :]
        if not is_page:
            asyncio.get_running_loop().call_later(RETRY_SECONDS, self._ask, self._cursor, 30)
            return
        page = PAGE.decode(body)
        if page.changes:
            self._told(now, page)
        self.is_waiting = True
        self._ask(page.cursor, 30)

    def _ask(self, cursor: str, wait: int) -> None:
        self._cursor = cursor
        if self._transport is not None:
            self._transport.write(request(self._key, cursor, wait))

    def close(self) -> None:
        """Go."""
        if self._transport is not None:
            self._transport.abort()


@dataclass
class Reader:
    """A client that reads page after page, whatever happens to the gateway."""

    port: int
    key: str
    told: Counter[tuple[str, int]] = field(default_factory=Counter)
    """How often each claim has been told at each turn."""
    out_of_order: int = 0
    """How often a claim was told at a turn after a later one."""
    pages: int = 0
    retries: int = 0
    _turns: dict[str, int] = field(default_factory=dict)

    async def begin(self) -> str:
        """The cursor before everything."""
        page = await self._ask("", 0)
        assert page is not None
        return page.cursor

    async def read(self, cursor: str, is_over: asyncio.Event) -> None:
        """Read on from a cursor until there is nothing more after it is over."""
        while True:
            was_over = is_over.is_set()
            page = await self._ask(cursor, 0 if was_over else 1)
            if page is None:
                self.retries += 1
                await asyncio.sleep(RETRY_SECONDS)
                continue
            self._note(page)
            cursor = page.cursor
            if was_over and not page.changes and not page.has_more:
                return

    def _note(self, page: Page) -> None:
        self.pages += 1
        for change in page.changes:
            number, turn = change.claim.claim_number, turn_of(change.claim.status[0].effective)
            self.told[number, turn] += 1
            self.out_of_order += turn < self._turns.get(number, 0)
            self._turns[number] = turn

    async def _ask(self, cursor: str, wait: int) -> Page | None:
        """A page; None where the gateway was not there, or went before it had sent all of it."""
        try:
            async with connected(self.port) as streams:
                head, body = await exchange(streams, request(self.key, cursor, wait))
        except (OSError, asyncio.IncompleteReadError):
            return None
        return PAGE.decode(body) if head.startswith(b"HTTP/1.1 200") else None


Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@asynccontextmanager
async def connected(port: int) -> AsyncIterator[Streams]:
    """A connection to the gateway; raises OSError."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


async def exchange(streams: Streams, asked: bytes) -> tuple[bytes, bytes]:
    """Head and body of the answer to a request; raises OSError, or IncompleteReadError where it is not whole."""
    reader, writer = streams
    writer.write(asked)
    head = await reader.readuntil(HEAD_END)
    length = head.find(LENGTH)
    if length < 0:
        return head, b""
    length += len(LENGTH)
    return head, await reader.readexactly(int(head[length : head.index(b"\r", length)]))
