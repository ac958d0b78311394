"""What tests of whole programs look at: databases, processes, ports and shells."""

import asyncio
import os
import socket
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import asyncpg


def query(url: str, statement: str, *values: object) -> Any:
    """The one value that a statement gives."""

    async def ask() -> Any:
        connection = await asyncpg.connect(url, timeout=60)
        try:
            return await connection.fetchval(statement, *values)
        finally:
            await connection.close()

    return asyncio.run(ask())


def server_processes(data: Path) -> list[int]:
    """Processes that hold the data folder's lock."""
    lock, found = (data / "lock").stat(), set()
    for descriptor in Path("/proc").glob("[0-9]*/fd/*"):
        with suppress(OSError):  # the process or its file is gone by now
            if os.path.samestat(descriptor.stat(), lock):
                found.add(int(descriptor.parts[2]))
    return sorted(found)


def eventually(holds: Callable[[], bool], seconds: float = 120) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not come to hold in time"
        time.sleep(0.05)


def wait_until_gone(data: Path) -> None:
    """Wait until no server of a killed process is left."""
    eventually(lambda: not server_processes(data))


def copied(source: Path, data: Path) -> Path:
    """A data folder that holds the same as another on which no servers run."""
    data.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(("cp", "--archive", source, data), check=True)
    return data


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def paste(line: str) -> str:
    """What a line for the shell prints."""
    return subprocess.run(("sh", "-c", line), check=True, capture_output=True, text=True, timeout=60).stdout
