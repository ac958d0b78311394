"""HTTP connections with deadlines: uvicorn's httptools protocol alone keeps a silent or dripping client for ever.

Each connection notes in one number by when its present phase must end; a patrol looks at all of them twice a second.
A request therefore costs some assignments, not a timer.
"""

import asyncio
from enum import Enum
from typing import Any

import httptools
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from gateway.doors.refusals import DOCUMENTS, Refusal
from gateway.limits import Limits
from gateway.metrics import Closed, Metrics

NEVER = float("inf")


class Phase(Enum):
    """How much of the newest request has come."""

    IDLE = "idle"
    """Nothing."""
    HEAD = "head"
    BODY = "body"
    WORK = "work"
    """All of it. The door's own deadline rules."""
    LINGER = "linger"
    """It was refused and whatever else comes is thrown away."""


TOO_SLOW = {Phase.HEAD: Closed.SLOW_HEAD, Phase.BODY: Closed.SLOW_BODY}
"""What a connection whose request is past its deadline is counted as."""

UPGRADE_FIELDS = frozenset({b"connection", b"upgrade", b"http2-settings"})


class _Stop(Exception):  # noqa: N818 - the way out of the parser's callbacks
    """Nothing more is to be read from this connection."""


class Patrol:
    """Looks at all connections of one event loop and ends those that are past their deadline."""

    def __init__(self, limits: Limits, metrics: Metrics) -> None:
        self.limits = limits
        self.metrics = metrics
        self._connections: set[Connection] = set()
        self._walking = False

    def connect(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> "Connection":
        """Make a connection that this patrol watches; stands in ``uvicorn.Config(http=...)`` for the class."""
        return Connection(self, config, server_state, app_state, _loop)

    def watch(self, connection: "Connection") -> None:
        """Begin to look at a connection; the patrol walks only while there are any."""
        self._connections.add(connection)
        if not self._walking:
            self._walking = True
            connection.loop.call_later(self.limits.sweep_s, self._walk, connection.loop)

    def forget(self, connection: "Connection") -> None:
        """The connection is gone."""
        self._connections.discard(connection)

    def is_full(self) -> bool:
        """Whether one more connection would be too many."""
        return len(self._connections) >= self.limits.connections_max

    def _walk(self, loop: asyncio.AbstractEventLoop) -> None:
        now = loop.time()
        for connection in tuple(self._connections):
            connection.check(now)
        self._walking = bool(self._connections)
        if self._walking:
            loop.call_later(self.limits.sweep_s, self._walk, loop)


class Connection(HttpToolsProtocol):
    """One client connection: uvicorn's, with deadlines and bounds on what it may make us hold."""

    def __init__(
        self,
        patrol: Patrol,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._patrol = patrol
        self._limits = patrol.limits
        self._phase = Phase.IDLE
        self._deadline = NEVER
        self._unsent_since = NEVER
        self._chunk_bytes = 0
        self._request_bytes = 0
        """Of the newest request, and perhaps of those before it in the same chunk."""
        self._foreign_bytes_max = 0
        """How much of them may belong to those before it."""
        self._refusal = Refusal.MALFORMED
        """Why the parser stopped."""
        self._reason = Closed.MALFORMED

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the clock: a client that connects has something to say."""
        super().connection_made(transport)
        full = self._patrol.is_full()
        self._patrol.watch(self)
        self._deadline = self.loop.time() + self._limits.head_s_max
        if full:
            self._refuse(Refusal.TOO_MANY_CONNECTIONS, Closed.TOO_MANY)

    def connection_lost(self, exc: Exception | None) -> None:
        """The patrol need not look any more."""
        self._patrol.forget(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Feed the parser, within bounds."""
        self._chunk_bytes = len(data)
        self._request_bytes += self._chunk_bytes
        if self._request_bytes > self._limits.request_bytes_max:
            self._close(Closed.LARGE_REQUEST)
            return
        if self._phase is Phase.LINGER:
            return
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as offer:
            self._decline_upgrade(data[offer.args[0] :])
        except httptools.HttpParserError:
            self._refuse(self._refusal, self._reason)
        if self._phase is Phase.HEAD and self._request_bytes - self._foreign_bytes_max > self._limits.head_bytes_max:
            self._refuse(Refusal.HEAD_TOO_LARGE, Closed.LARGE_HEAD)

    def eof_received(self) -> bool:  # type: ignore[override]
        """A client may close its sending side when it has asked; it still gets its answer."""
        if self._phase is not Phase.WORK or self.scheme == "https":
            return False
        self.cycle.keep_alive = False
        return True

    def on_message_begin(self) -> None:
        """A request begins, perhaps behind others in the same chunk."""
        super().on_message_begin()
        if self.cycle is not None:
            self._deadline = self.loop.time() + self._limits.head_s_max
        self._foreign_bytes_max = self._chunk_bytes if self._phase is Phase.WORK else 0
        self._phase = Phase.HEAD
        self._request_bytes = self._chunk_bytes

    def on_headers_complete(self) -> None:
        """The head is whole: start the request, if it is within bounds."""
        if self.parser.should_upgrade():
            return
        if self._request_bytes > self._limits.head_bytes_max and self._head_bytes() > self._limits.head_bytes_max:
            self._stop(Refusal.HEAD_TOO_LARGE, Closed.LARGE_HEAD)
        if len(self.pipeline) >= self._limits.pipelined_requests_max:
            self._stop(Refusal.BUSY, Closed.PIPELINE_FULL)
        super().on_headers_complete()
        self._phase = Phase.BODY
        self._deadline = self.loop.time() + self._limits.body_s_max

    def on_message_complete(self) -> None:
        """The request is whole; it may have been refused before."""
        if self.parser.should_upgrade():
            return
        super().on_message_complete()
        if self.cycle.response_complete:
            self._rest()
        else:
            self._phase = Phase.WORK
            self._deadline = NEVER

    def on_response_complete(self) -> None:
        """An answer is out; without another request in arrival or waiting, the connection is idle.

        As uvicorn's, but for its keep-alive timer, whose work the patrol does.
        """
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
        elif self._phase is Phase.WORK:
            self._rest()

    def shutdown(self) -> None:
        """Close when idle, else after the answer; a request still in arrival has little time left."""
        super().shutdown()
        if self._phase is Phase.BODY:
            self._deadline = min(self._deadline, self.loop.time() + self._limits.drain_unfinished_s_max)

    def check(self, now: float) -> None:
        """End this connection if its client is past a deadline; ``now`` is the loop's time."""
        if not self.transport.get_write_buffer_size():
            self._unsent_since = NEVER
        elif self._unsent_since == NEVER:
            self._unsent_since = now
        elif now - self._unsent_since > self._limits.write_s_max:
            self._patrol.metrics.closed(Closed.SLOW_READER).inc()
            self.transport.abort()
            return
        if now > self._deadline:
            self._end_overdue()

    def _rest(self) -> None:
        self._phase = Phase.IDLE
        self._deadline = self.loop.time() + self._limits.keep_alive_s_max

    def _end_overdue(self) -> None:
        if self._phase is Phase.LINGER:
            self.transport.abort()
        elif self._phase is Phase.IDLE:
            self._deadline = NEVER
            self._close(Closed.SILENT if self.cycle is None else Closed.IDLE)
        else:
            self._refuse(Refusal.TOO_SLOW, TOO_SLOW[self._phase])

    def _decline_upgrade(self, rest: bytes) -> None:
        """Read the request again as one that does not offer to change protocols.

        The parser takes the body behind such an offer for the other protocol's, but clients that would speak HTTP/2
        send their first X12 that way.
        """
        method = self.parser.get_method()
        if method == b"CONNECT":
            self._refuse(Refusal.MALFORMED, Closed.MALFORMED)
            return
        self.parser = httptools.HttpRequestParser(self)
        fields = [name + b": " + value for name, value in self.headers if name not in UPGRADE_FIELDS]
        head = b"\r\n".join([method + b" " + self.url + b" HTTP/1.1", *fields, b"connection: close", b"", b""])
        self.data_received(head + rest)

    def _head_bytes(self) -> int:
        return len(self.url) + sum(len(name) + len(value) + len(": \r\n") for name, value in self.headers)

    def _stop(self, refusal: Refusal, reason: Closed) -> None:
        """Leave the parser, to refuse."""
        self._refusal = refusal
        self._reason = reason
        raise _Stop

    def _is_answered(self) -> bool:
        """Whether the request in arrival has its answer already: it was refused by its head."""
        return self._phase is Phase.BODY and self.cycle.response_started

    def _refuse(self, refusal: Refusal, reason: Closed) -> None:
        """Send a refusal and close; when earlier requests are in work, close behind their answers instead."""
        if self.transport.is_closing():
            return
        if self._is_behind_others():
            self.cycle.keep_alive = False
            return
        if not self._is_answered():
            self.transport.write(DOCUMENTS[refusal].response)
            self._patrol.metrics.refusals(refusal).inc()
        self._patrol.metrics.closed(reason).inc()
        self._linger()

    def _linger(self) -> None:
        """Close our sending side, and the rest when the client has closed its own or after a while."""
        if self.cycle is not None:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self._phase = Phase.LINGER
        self._deadline = self.loop.time() + self._limits.linger_s_max
        self.flow.resume_reading()
        self.transport.write_eof()

    def _is_behind_others(self) -> bool:
        if self._phase is Phase.BODY:
            return bool(self.pipeline)
        return self.cycle is not None and not self.cycle.response_complete

    def _close(self, reason: Closed) -> None:
        self._patrol.metrics.closed(reason).inc()
        self.transport.close()
