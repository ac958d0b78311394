"""A door on a real socket, for tests: a small answerer behind it and raw clients before it."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime

from gateway.doors.asgi import Application
from gateway.doors.connections import Patrol
from gateway.doors.front import build_front
from gateway.doors.operations import build_operations
from gateway.doors.real_time import InWork, RealTimeDoor
from gateway.doors.refusals import Refusal, Refused
from gateway.doors.serving import HttpServer, http_server
from gateway.doors.x12 import X12, X12_PATH
from gateway.limits import Limits
from gateway.metrics import Metrics
from tests.patience import PATIENT

GOOD_KEY = b"Bearer good-key"


@dataclass(frozen=True)
class Answer:
    body: bytes
    outcome: str
    sent: Callable[[datetime], None]
    closure: None = None


class Keys:
    """Knows one caller for each word after ``Bearer``, except ``bad``."""

    async def authenticate(self, authorization: bytes | None) -> str:
        if authorization is None or authorization.startswith(b"Bearer bad"):
            raise Refused(Refusal.CREDENTIALS_UNKNOWN)
        return authorization.decode().removeprefix("Bearer ")

    def name(self, caller: str) -> str:
        return caller


@dataclass
class Echo:
    """Answers with the body turned round; ``before`` can wait or raise."""

    before: Callable[[bytes], Awaitable[None]] | None = None
    outcome: str = "271"
    asked: list[bytes] = field(default_factory=list)
    sent: list[datetime] = field(default_factory=list)

    async def answer(self, data: bytes, submitter: str, received_at: datetime) -> Answer:
        del submitter, received_at
        self.asked.append(data)
        if self.before is not None:
            await self.before(data)
        return Answer(data[::-1], self.outcome, self.sent.append)


@dataclass
class RunningDoor:
    port: int
    echo: Echo
    metrics: Metrics
    server: HttpServer
    probe: Callable[[], Awaitable[bool]] | None = None
    """What ``/readyz`` asks; None: everything is there."""

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", self.port)

    async def exchange(self, request: bytes) -> bytes:
        """Everything that comes back on one connection until the gateway closes it."""
        reader, writer = await self.connect()
        writer.write(request)
        try:
            return await reader.read()
        finally:
            writer.close()

    def figures(self) -> str:
        self.metrics.flush()
        return self.metrics.exposition().decode()


def request(body: bytes = b"hello", *fields: bytes, path: bytes = b"/x12", key: bytes = GOOD_KEY) -> bytes:
    """A whole request; the gateway closes the connection behind its answer."""
    lines = [
        b"POST " + path + b" HTTP/1.1",
        b"host: test",
        b"authorization: " + key,
        b"content-type: application/edi-x12",
        b"content-length: " + str(len(body)).encode(),
        *fields,
    ]
    return b"\r\n".join([*lines, b"", body])


def closing(body: bytes = b"hello", *fields: bytes) -> bytes:
    return request(body, b"connection: close", *fields)


@asynccontextmanager
async def running(
    echo: Echo | None = None,
    limits: Limits = PATIENT,
    *,
    access_log: bool = False,
) -> AsyncIterator[RunningDoor]:
    echo = echo or Echo()
    metrics = Metrics()

    async def ready() -> bool:
        return door.probe is None or await door.probe()

    operations: Application = build_operations(ready, metrics, limits)
    x12 = RealTimeDoor(X12, Keys(), echo, InWork(metrics, limits), metrics, limits, access_log=access_log)
    front = build_front({X12_PATH: x12}, operations, metrics)
    listener = socket.create_server(("127.0.0.1", 0))
    server = http_server(front, Patrol(limits, metrics), limits)
    door = RunningDoor(listener.getsockname()[1], echo, metrics, server)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield door
    finally:
        server.stop()
        await task
