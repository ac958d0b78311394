"""Clients that ask over HTTP and do not always wait for the reply: some cut the connection, with a reset."""

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum

REPLY_SECONDS_MAX = 30.0
_RESET = struct.pack("ii", 1, 0)
"""SO_LINGER for no seconds: closing throws away what is under way and tells the other side so (RST)."""


class Fate(StrEnum):
    """What becomes of a connection."""

    KEPT = "kept"
    CUT_AFTER_COMMIT = "cut after the commit, before the reply"
    """As soon as PostgreSQL tells that the review is on record; the reply is not written before that."""
    CUT_IN_REPLY = "cut at the first byte of the reply"
    CUT_AFTER_SENDING = "cut when all was sent"


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back, if anything did."""

    fate: Fate
    status: int = 0
    """Of HTTP; 0: the connection was cut before the whole reply was there."""
    outcome: str = ""
    """``X-Edi-Outcome``."""
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Client:
    """Asks one gateway with one key, each time on a connection of its own."""

    port: int
    key: str

    async def ask(self, data: bytes, fate: Fate, committed: Callable[[], Awaitable[object]]) -> Reply:
        """Send a request and do with the connection what its fate is.

        Args:
            committed: waits until what is asked is on record.
        """
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(self._head(len(data)) + data)
            await writer.drain()
            if fate is Fate.KEPT:
                async with asyncio.timeout(REPLY_SECONDS_MAX):
                    return _reply(await reader.read())
            await _wait_for_its_end(fate, reader, committed)
            _reset(writer)
            return Reply(fate)
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    def _head(self, length: int) -> bytes:
        return (
            "POST /x12 HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n"
            f"authorization: Bearer {self.key}\r\ncontent-type: application/edi-x12\r\ncontent-length: {length}\r\n\r\n"
        ).encode()


async def _wait_for_its_end(
    fate: Fate, reader: asyncio.StreamReader, committed: Callable[[], Awaitable[object]]
) -> None:
    """Until the connection is to be cut; a reply that comes earlier is cut into."""
    if fate is Fate.CUT_AFTER_SENDING:
        return
    waits: list[asyncio.Future[object]] = [asyncio.ensure_future(reader.read(1))]
    if fate is Fate.CUT_AFTER_COMMIT:
        waits.append(asyncio.ensure_future(committed()))
    _, others = await asyncio.wait(waits, timeout=REPLY_SECONDS_MAX, return_when=asyncio.FIRST_COMPLETED)
    for other in others:
        other.cancel()


def _reset(writer: asyncio.StreamWriter) -> None:
    connection = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    writer.transport.abort()


def _reply(whole: bytes) -> Reply:
    head, _, body = whole.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    fields = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:])}
    status = int(lines[0].split(" ")[1]) if lines[0] else 0
    return Reply(Fate.KEPT, status, fields.get("x-edi-outcome", ""), body)
