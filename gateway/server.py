"""The parent of the processes that answer requests: it holds the port, keeps them running, and ends them in time."""

import asyncio
import logging
import os
import signal
import socket
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from subprocess import SubprocessError

from prometheus_client.multiprocess import mark_process_dead

from gateway.embedded import EmbeddedServers
from gateway.limits import Limits
from gateway.logs import log
from gateway.settings import Settings, encode_settings
from gateway.temporary import TemporaryFolder, temporary_folder

logger = logging.getLogger(__name__)

DEFAULT_LIMITS = Limits()

Announce = Callable[[str], None]
"""Is given the URL at which requests are accepted, once they are."""


class CannotServe(Exception):  # noqa: N818 - names what the operator sees
    """The gateway did not start; the message is for the person at the terminal."""


@dataclass(frozen=True, slots=True)
class Complete:
    """What the gateway is run with."""

    settings: Settings
    """They name both servers."""
    revive: Callable[[], Sequence[str]] = lambda: ()
    """Starts those of the servers again that are ours and have ended; gives their names."""


@contextmanager
def own_or_embedded_servers(settings: Settings) -> Iterator[Complete]:
    """The settings with a database and a Redis: the operator's, or ours for as long as the block lasts."""
    if settings.database_url and settings.redis_url:
        yield Complete(settings)
        return
    with EmbeddedServers(settings.data, settings.database_url, settings.redis_url) as servers:
        complete = replace(settings, database_url=servers.database_url, redis_url=servers.redis_url)
        yield Complete(complete, servers.revive)


def run(complete: Complete, announce: Announce) -> None:
    """Answer requests until SIGTERM or SIGINT.

    Raises:
        CannotServe: the port is not to be had, or a process did not start.
    """
    with _listener(complete.settings) as listener, temporary_folder("figures") as figures:
        asyncio.run(_supervise(complete, listener, figures, announce))


@contextmanager
def _listener(settings: Settings) -> Iterator[socket.socket]:
    """The listening socket that all processes share: the kernel keeps connections while one is being restarted."""
    try:
        family, _, _, _, address = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)[0]
        listener = socket.create_server(address[:2], family=family, backlog=DEFAULT_LIMITS.backlog_connections_max)
    except OSError as error:
        place = f"{settings.host}:{settings.port}"
        raise CannotServe(f"cannot listen on {place} ({error.strerror}): give another --host or --port") from None
    with listener:
        yield listener


async def _supervise(complete: Complete, listener: socket.socket, figures: TemporaryFolder, announce: Announce) -> None:
    settings = complete.settings
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    workers = [Worker(settings, listener, figures) for _ in range(settings.workers)]
    keepers: list[asyncio.Task[None]] = []
    try:
        await _until(stopping, asyncio.gather(*(worker.start() for worker in workers)))
        if not stopping.is_set():
            announce(_url(settings, listener))
            keepers = [asyncio.create_task(worker.keep()) for worker in workers]
            keepers.append(asyncio.create_task(_keep_servers(complete.revive)))
            await stopping.wait()
    finally:
        for keeper in keepers:
            keeper.cancel()
        await asyncio.gather(*(worker.stop() for worker in workers))


async def _keep_servers(revive: Callable[[], Sequence[str]]) -> None:
    """Have servers of ours that have ended started again; until they serve, requests are answered as in any outage."""
    while True:
        await asyncio.sleep(DEFAULT_LIMITS.server_restart_s_min)
        try:
            for name in revive():
                log(logger, logging.ERROR, "a server ended and is started again", server=name)
        except (OSError, SubprocessError) as error:
            log(logger, logging.ERROR, "a server could not be started again", error)


async def _until(stopping: asyncio.Event, started: "asyncio.Future[list[None]]") -> None:
    """Wait for the start, or for the wish to stop."""
    told = asyncio.ensure_future(stopping.wait())
    await asyncio.wait((told, started), return_when=asyncio.FIRST_COMPLETED)
    told.cancel()
    if started.done():
        started.result()
    else:
        started.cancel()


def _url(settings: Settings, listener: socket.socket) -> str:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"http://{host}:{listener.getsockname()[1]}"


class Worker:
    """One process that answers requests, and its successors."""

    def __init__(
        self, settings: Settings, listener: socket.socket, figures: TemporaryFolder, limits: Limits = DEFAULT_LIMITS
    ) -> None:
        self._settings = settings
        self._listener = listener
        self._figures = figures
        self._limits = limits
        self._process: Process | None = None

    @property
    def pid(self) -> int | None:
        """Of the present process; None before the first."""
        return None if self._process is None else self._process.pid

    async def start(self) -> None:
        """Start the process and wait until it accepts requests.

        Raises:
            CannotServe: it ended before, or took too long.
        """
        descriptor = self._listener.fileno()
        self._process = process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "gateway.server_process", str(descriptor)),
            stdin=PIPE,
            stdout=PIPE,
            pass_fds=(descriptor, self._figures.lock),
            env=os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(self._figures.path)},
            # Ctrl-C is for the parent, which tells its processes.
            start_new_session=True,
        )
        assert process.stdin is not None  # noqa: S101 - asked for above
        assert process.stdout is not None  # noqa: S101
        process.stdin.write(encode_settings(self._settings) + b"\n")
        try:
            said = await asyncio.wait_for(process.stdout.readline(), self._limits.worker_start_s_max)
        except TimeoutError:
            process.kill()
            said = b""
        if not said:
            status = await process.wait()
            raise CannotServe(f"a process that should answer requests did not start (status {status}); see its log")

    async def keep(self) -> None:
        """Replace the process whenever it ends."""
        while True:
            if self._process is not None:
                status = await self._end(self._process)
                mark_process_dead(self._process.pid, str(self._figures.path))  # type: ignore[no-untyped-call]
                log(logger, logging.ERROR, "a process ended and is replaced", status=status)
            await asyncio.sleep(self._limits.worker_restart_s_min)
            try:
                await self.start()
            except CannotServe as failure:
                log(logger, logging.ERROR, "a process could not be replaced", failure)

    async def _end(self, process: Process) -> int:
        """Wait for the process to end, and end it when it has not been heard of for long; gives its status."""
        assert process.stdout is not None  # noqa: S101 - asked for at its start
        try:
            while await asyncio.wait_for(process.stdout.read(1024), self._limits.worker_silence_s_max):
                pass
        except TimeoutError:
            log(logger, logging.ERROR, "a process does not answer any more and is killed", pid=process.pid)
            process.kill()
        return await process.wait()

    async def stop(self) -> None:
        """End the process: it has some seconds to finish answers, then it is killed."""
        process = self._process
        if process is None or process.returncode is not None:
            return
        process.terminate()
        try:
            await asyncio.wait_for(process.wait(), self._limits.worker_stop_s_max)
        except TimeoutError:
            process.kill()
            await process.wait()
