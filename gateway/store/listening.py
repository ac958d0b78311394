"""Hear from PostgreSQL which facts have changed, so that caches are fresh soon. Correctness does not rest on it."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress

from edi.errors import Outage
from gateway.store.database import Connection, connect, outage_when_down
from gateway.store.keys import Kind
from gateway.store.limits import (
    DATABASE_LOOKUP_SECONDS,
    LISTENER_CHECK_SECONDS,
    LISTENER_RETRY_SECONDS_MAX,
    LISTENER_RETRY_SECONDS_MIN,
)

CHANNEL = "edi_facts"
_WHOLE_KINDS = {f"{kind}/*": kind for kind in Kind}


class Listener:
    """A connection that listens, replaced when it is lost.

    Args:
        changed: is told the keys of facts that have changed.
        kind_changed: is told a kind of which so many have changed that all of them may have.
        deaf: is told that changes may have been missed, each time the connection was lost and again when listening
            starts anew.
        channel: of PostgreSQL, on which keys are told.
    """

    def __init__(
        self,
        database_url: str,
        changed: Callable[[Sequence[str]], None],
        kind_changed: Callable[[Kind], None],
        deaf: Callable[[], None],
        channel: str = CHANNEL,
    ) -> None:
        self._database_url = database_url
        self._changed = changed
        self._kind_changed = kind_changed
        self._deaf = deaf
        self._channel = channel
        self._hears = asyncio.Event()

    async def wait_until_it_hears(self) -> None:
        """Return once it listens."""
        await self._hears.wait()

    async def run(self) -> None:
        """Listen until cancelled."""
        pause = LISTENER_RETRY_SECONDS_MIN
        while True:
            with suppress(Outage):
                await self._listen()
            if self._hears.is_set():
                self._hears.clear()
                self._deaf()
                pause = LISTENER_RETRY_SECONDS_MIN
            await asyncio.sleep(pause)
            pause = min(2 * pause, LISTENER_RETRY_SECONDS_MAX)

    async def _listen(self) -> None:
        """Listen for as long as the connection lives."""
        connection = await connect(self._database_url)
        try:
            with outage_when_down("listen"):
                await connection.add_listener(self._channel, self._hear)
                self._deaf()
                self._hears.set()
                await self._watch(connection)
        finally:
            connection.terminate()

    async def _watch(self, connection: Connection) -> None:
        """Return when the connection is lost: closed, or silent to a question."""
        lost = asyncio.Event()
        connection.add_termination_listener(lambda _connection: lost.set())
        while not lost.is_set():
            try:
                await asyncio.wait_for(lost.wait(), LISTENER_CHECK_SECONDS)
            except TimeoutError:
                await connection.execute("SELECT 1", timeout=DATABASE_LOOKUP_SECONDS)

    def _hear(self, _connection: object, _process: int, _channel: str, message: str) -> None:
        kind = _WHOLE_KINDS.get(message)
        if kind is None:
            self._changed(message.split("\n"))
        else:
            self._kind_changed(kind)
