"""One way of running uvicorn, for the gateway, its tests and the handler that it is measured against."""

import contextlib
from collections.abc import Callable, Iterator
from socket import socket

from uvicorn import Config, Server

from gateway.doors.asgi import Application
from gateway.doors.connections import Patrol
from gateway.limits import Limits


def http_server(application: Application, patrol: Patrol, limits: Limits) -> "HttpServer":
    """uvicorn on httptools with connections that have deadlines; run it with ``serve(sockets=[...])``."""
    return HttpServer(
        Config(
            application,
            http=patrol.connect,  # type: ignore[arg-type]
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            backlog=limits.backlog_connections_max,
            timeout_graceful_shutdown=limits.drain_s_max,  # type: ignore[arg-type]
        )
    )


class HttpServer(Server):
    """A uvicorn server that leaves signals to its process and tells when it accepts connections."""

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.on_ready: Callable[[], None] = lambda: None
        self.on_stop: Callable[[], None] = lambda: None
        """Is to end what only waits."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave them alone."""
        yield

    async def startup(self, sockets: list[socket] | None = None) -> None:
        """Accept connections, then say so."""
        await super().startup(sockets)
        self.on_ready()

    def stop(self) -> None:
        """Begin the end: no new connections, answers in work are finished, within the drain's deadline."""
        self.should_exit = True
        self.on_stop()
