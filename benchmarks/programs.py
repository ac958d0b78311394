"""The programs beside a bench of followers: a gateway as an operator runs it, and the process that changes claims."""

import asyncio
import os
import re
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec

from benchmarks.change_writer import Done, Order
from gateway.embedded import EmbeddedServers


class Writer:
    """The process that changes claims."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def carry_out(self, order: Order) -> Done:
        """Have an order carried out."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(msgspec.json.encode(order) + b"\n")
        return msgspec.json.decode(await self._process.stdout.readline(), type=Done)


@dataclass(frozen=True, slots=True)
class Gateway:
    """A gateway of one worker, as an operator runs it."""

    parent: int
    port: int

    @property
    def worker(self) -> int | None:
        """The process that answers; None while it is being replaced."""
        children = Path(f"/proc/{self.parent}/task/{self.parent}/children").read_text().split()
        return int(children[0]) if children else None

    def cpu_seconds(self) -> float:
        """Processor time of the worker."""
        fields = Path(f"/proc/{self.worker}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def gateway(servers: EmbeddedServers) -> Iterator[Gateway]:
    """A gateway over these servers, for as long as the block lasts."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("EDI_GATEWAY_")}
    environment |= {"EDI_GATEWAY_DATABASE_URL": servers.database_url, "EDI_GATEWAY_REDIS_URL": servers.redis_url}
    process = subprocess.Popen(
        (sys.executable, "-c", "from gateway.cli import main; main()", "serve", "--port", "0"),
        env=environment | {"EDI_GATEWAY_LOG_LEVEL": "warning"},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr is not None
        said = process.stderr.readline()
        answers = re.search(r"http://127\.0\.0\.1:(\d+)", said)
        if answers is None:
            raise SystemExit(f"the gateway did not start: {said}")
        yield Gateway(process.pid, int(answers[1]))
    finally:
        process.terminate()
        process.wait(20)


@asynccontextmanager
async def writer(database_url: str) -> AsyncIterator[Writer]:
    """The process that changes claims, for as long as the block lasts."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "benchmarks.change_writer", database_url),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield Writer(process)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()


async def until(holds: Callable[[], bool], seconds: float) -> None:
    """Wait until something holds, or for so long."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if holds():
            return
        await asyncio.sleep(0.01)
