"""The tier that processes and hosts share: Redis or Valkey. Never the truth, and never waited for.

Every failure is the same to a caller: nothing was found, nothing was kept.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Sequence

import redis.asyncio
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from gateway.logs import Recurring
from gateway.store.fact import Stored
from gateway.store.keys import Kind, kind_of
from gateway.store.limits import (
    REDIS_CONNECTIONS_MAX,
    REDIS_FAILURE_LINES_SECONDS,
    REDIS_REST_SECONDS,
    REDIS_SECONDS,
    REDIS_TTL_SECONDS,
)
from gateway.store.observing import Dependency, Observer

PREFIX = "edi:1:"
"""Before each key. The number is that of the documents' form: one that older programs cannot read gets another."""


def shared_key(history: str, key: str) -> str:
    """A fact's key in Redis: versions of one history of one database say nothing about another's."""
    return f"{PREFIX}{history}:{key}"


logger = logging.getLogger(__name__)

_FAILURES = (RedisError, OSError, TimeoutError)


class RedisTier:
    """Facts as bytes, each with its version and an end.

    Writes wait for the event loop's next turn, so that those of one moment go together. As long as it is not told
    which history of which database the facts are of, it holds nothing.

    Attributes:
        history: as `DatabaseTier.history` gives it; None: not known, or no more.
    """

    def __init__(self, url: str, observer: Observer, now: Callable[[], float] = time.monotonic) -> None:
        # A pool that waits: with the other kind, being busy would look like a failure.
        pool = redis.asyncio.BlockingConnectionPool.from_url(
            url,
            protocol=2,
            timeout=REDIS_SECONDS,
            socket_timeout=REDIS_SECONDS,
            socket_connect_timeout=REDIS_SECONDS,
            max_connections=REDIS_CONNECTIONS_MAX,
            retry=Retry(NoBackoff(), 0),
        )
        self._client = redis.asyncio.Redis.from_pool(pool)
        self.history: str | None = None
        self._observer = observer
        self._now = now
        self._rests_until = 0.0
        self._failures = Recurring(
            logger, "Redis does not answer: all facts come from PostgreSQL", REDIS_FAILURE_LINES_SECONDS
        )
        self._to_write: dict[str, Stored] = {}
        self._to_drop: set[str] = set()
        self._writing: asyncio.Task[None] | None = None

    async def read(self, keys: Sequence[str]) -> dict[str, Stored]:
        """Those of the facts that are there; none while Redis rests after a failure."""
        history = self.history
        asked = [key for key in keys if _may_be_shared(key)]
        if not asked or history is None or self._rests():
            return {}
        try:
            values = await self._client.mget([shared_key(history, key) for key in asked])
        except _FAILURES as error:
            self._fail(error)
            return {}
        self._rests_until = 0.0
        return {key: stored for key, value in zip(asked, values, strict=True) if (stored := _unpack(key, value))}

    def write(self, facts: Iterable[Stored]) -> None:
        """Keep facts, soon."""
        if self.history is not None:
            self._to_write.update(
                (shared_key(self.history, fact.key), fact) for fact in facts if _may_be_shared(fact.key)
            )
            self._write_soon()

    def drop_soon(self, keys: Iterable[str]) -> None:
        """Forget facts, soon; of those not written yet, at once."""
        if self.history is not None:
            for key in (shared_key(self.history, key) for key in keys):
                self._to_write.pop(key, None)
                self._to_drop.add(key)
            self._write_soon()

    async def drop(self, keys: Iterable[str]) -> None:
        """Forget facts; when it returns, they are gone or Redis does not answer."""
        self.drop_soon(keys)
        if self._writing is not None:
            await asyncio.shield(self._writing)

    async def close(self) -> None:
        """Give up the connections; what was to be written is lost, as it may be."""
        if self._writing is not None:
            self._writing.cancel()
            await asyncio.wait([self._writing])
        await self._client.aclose()

    def _write_soon(self) -> None:
        if self._writing is None and (self._to_write or self._to_drop):
            self._writing = asyncio.get_running_loop().create_task(self._write())

    async def _write(self) -> None:
        try:
            while self._to_write or self._to_drop:
                await self._write_once()
        finally:
            self._writing = None

    async def _write_once(self) -> None:
        writes, drops = list(self._to_write.items()), list(self._to_drop)
        self._to_write.clear()
        self._to_drop.clear()
        if self._rests():
            return
        pipeline = self._client.pipeline(transaction=False)
        if drops:
            pipeline.unlink(*drops)
        for key, fact in writes:
            pipeline.set(key, _pack(fact), ex=REDIS_TTL_SECONDS)
        try:
            await pipeline.execute()
        except _FAILURES as error:
            self._fail(error)

    def _rests(self) -> bool:
        """Whether not to ask. When the rest is over one caller is let through, and its failure starts another."""
        if self._rests_until == 0.0:
            return False
        now = self._now()
        if now < self._rests_until:
            return True
        self._rests_until = now + REDIS_REST_SECONDS
        return False

    def _fail(self, error: Exception) -> None:
        self._rests_until = self._now() + REDIS_REST_SECONDS
        self._failures.tell(error, self._now())
        self._observer.failed(Dependency.REDIS)


def _may_be_shared(key: str) -> bool:
    """Credentials never leave PostgreSQL and the process."""
    return kind_of(key) is not Kind.CREDENTIAL


def _pack(fact: Stored) -> bytes:
    return b"%d\n%b" % (fact.version, fact.document)


def _unpack(key: str, value: object) -> Stored | None:
    """The fact, or None where nothing is there or something that we did not write."""
    if not isinstance(value, bytes):
        return None
    version, newline, document = value.partition(b"\n")
    if not newline or not version.isdigit():
        return None
    return Stored(key, int(version), document)
