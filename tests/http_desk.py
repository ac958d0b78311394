"""All doors of a desk's gateway on a real socket, and somebody with a key before them."""

import asyncio
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx

from gateway.doors.connections import Patrol
from gateway.doors.serving import http_server
from gateway.limits import Limits
from gateway.server_process import build_application
from tests.patience import PATIENT
from tests.real_time import NOW, Desk
from tests.store_support import another_program


def now() -> datetime:
    """The moment of all tests."""
    return NOW


@dataclass
class Http:
    """Somebody with a key."""

    client: httpx.AsyncClient
    desk: Desk

    @property
    def port(self) -> int:
        """Of the gateway."""
        assert self.client.base_url.port is not None
        return self.client.base_url.port

    async def get(self, path: str, **headers: str) -> httpx.Response:
        """Ask for a path with its query."""
        return await self.client.get(path, headers=headers)

    async def changes(self, feed: str, cursor: str = "", wait: int = 0) -> httpx.Response:
        """Follow ``claims`` or ``reviews``."""
        return await self.client.get(f"/v1/{feed}/changes", params={"cursor": cursor, "wait": str(wait)})

    async def records(self, outcome: str, kind: str = "276") -> Sequence[Any]:
        """The audit's records of answers with an outcome, the oldest first, with what was kept of the question."""
        async with another_program(self.desk.database_url) as connection:
            found: Sequence[Any] = await connection.fetch(
                """SELECT answer.*, payload, answer_sha256 FROM edi.answer JOIN edi.kept_inquiry USING (audit_id)
                WHERE outcome = $1 AND transaction = $2 ORDER BY audit_id""",
                outcome,
                kind,
            )
        return found


@asynccontextmanager
async def open_http(desk: Desk, limits: Limits | None = None) -> AsyncIterator[Http]:
    """The doors, for as long as the block lasts."""
    limits = limits or PATIENT
    gateway = desk.gateway
    server = http_server(build_application(gateway, limits, now), Patrol(limits, gateway.metrics), limits)
    server.on_stop = gateway.end_waiting
    with socket.create_server(("127.0.0.1", 0), backlog=1024) as listener:
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        async with httpx.AsyncClient(
            base_url=url, headers={"authorization": f"Bearer {desk.key}"}, timeout=120
        ) as client:
            yield Http(client, desk)
        server.stop()
        await serving
