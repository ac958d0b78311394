"""Facts in three tiers: this process's memory, Redis, PostgreSQL.

What the first two hold may be out of date. Whoever answers on a fact names its version in the audit, which refuses the
record when PostgreSQL has another by then; the key is dropped here and looked up again.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

from edi.errors import Outage
from gateway.store.batching import Batcher
from gateway.store.database import pool
from gateway.store.database_tier import DatabaseTier
from gateway.store.documents import UnreadableDocument
from gateway.store.fact import Fact, Stored
from gateway.store.keys import Kind, kind_of
from gateway.store.limits import LISTENER_START_SECONDS, PROCESS_FACTS_MAX
from gateway.store.listening import Listener
from gateway.store.observing import Dependency, Observer, Tier, Unobserved
from gateway.store.process_tier import ProcessTier
from gateway.store.redis_tier import RedisTier

__all__ = ["Fact", "FactStore", "open_facts"]


@dataclass(frozen=True, slots=True)
class _Looked:
    """What a look-up behind the process brought."""

    fact: Fact[Any] | None
    """None: PostgreSQL has a document that is not of its type."""
    unshared: Stored | None
    """The bytes where PostgreSQL was asked and Redis has yet to be told."""


class FactStore:
    """Looks up facts; made by `open_facts`."""

    def __init__(
        self,
        database: DatabaseTier,
        shared: RedisTier,
        observer: Observer,
        facts_max: int = PROCESS_FACTS_MAX,
    ) -> None:
        self._database = database
        self._shared = shared
        self._observer = observer
        self._process = ProcessTier(facts_max)
        self._batcher: Batcher[_Looked] = Batcher(self._look_up, self._keep)

    def cached(self, key: str) -> Fact[Any] | None:
        """The fact if this process holds it."""
        fact = self._process.get(key)
        if fact is not None:
            self._observer.found(fact.kind, Tier.PROCESS, 1)
        return fact

    async def get(self, keys: Sequence[str]) -> dict[str, Fact[Any]]:
        """The facts of these keys, from the nearest tier that has each.

        Raises:
            Outage: PostgreSQL was needed and does not answer.
        """
        facts: dict[str, Fact[Any]] = {}
        missing = []
        for key in keys:
            fact = self.cached(key)
            if fact is None:
                missing.append(key)
            else:
                facts[key] = fact
        if missing:
            for key, looked in (await self._batcher.get(missing)).items():
                if looked.fact is None:
                    raise UnreadableDocument(f"a fact of kind {kind_of(key)} cannot be read")
                facts[key] = looked.fact
        return facts

    async def read_past_caches(self, keys: Sequence[str]) -> dict[str, Fact[Any]]:
        """The facts as PostgreSQL has them now; for what no audit record will confirm, such as a refused credential.

        Raises:
            Outage: PostgreSQL does not answer.
        """
        return {key: stored.fact() for key, stored in (await self._read_database(keys)).items()}

    def forget(self, keys: Iterable[str]) -> None:
        """Drop facts from this process, also those just being looked up."""
        keys = tuple(keys)
        self._process.drop(keys)
        self._batcher.forget(keys)

    async def drop(self, keys: Iterable[str]) -> None:
        """Drop facts from this process and from Redis: the next look-up asks PostgreSQL."""
        keys = tuple(keys)
        self.forget(keys)
        await self._shared.drop(keys)

    async def ping(self) -> None:
        """Return if PostgreSQL answers.

        Raises:
            Outage: it does not.
        """
        await self._database.history()

    def changed(self, keys: Sequence[str]) -> None:
        """PostgreSQL has told of changes: drop the facts here at once, in Redis soon."""
        self.forget(keys)
        self._shared.drop_soon(keys)

    def kind_changed(self, kind: Kind) -> None:
        """Drop all facts of a kind from this process. In Redis they are found out of date one by one, or expire."""
        self._process.drop_kind(kind)
        self._batcher.forget_all()

    def forget_all(self) -> None:
        """Drop everything from this process: changes may have been missed, or the database been restored."""
        self._process.clear()
        self._batcher.forget_all()
        self._shared.history = None

    async def close(self) -> None:
        """Give up what is under way."""
        await self._batcher.close()
        await self._shared.close()

    async def _look_up(self, keys: list[str]) -> dict[str, _Looked]:
        if self._shared.history is None:
            self._shared.history = await self._database.history()
        shared = _decoded(await self._shared.read(keys))
        # What cannot be read in Redis was written by another version of this program: PostgreSQL's replaces it.
        found = {key: _Looked(fact, None) for key, fact in shared.items() if fact is not None}
        self._count(found, Tier.REDIS)
        missing = [key for key in keys if key not in found]
        if missing:
            stored = await self._read_database(missing)
            read = {key: _Looked(fact, stored[key]) for key, fact in _decoded(stored).items()}
            self._count(read, Tier.DATABASE)
            found.update(read)
        return found

    async def _read_database(self, keys: Sequence[str]) -> dict[str, Stored]:
        try:
            return await self._database.read(keys)
        except Outage:
            self._observer.failed(Dependency.DATABASE)
            raise

    def _keep(self, looked: dict[str, _Looked]) -> None:
        unshared = []
        for each in looked.values():
            if each.fact is None:
                continue
            self._process.put(each.fact)
            if each.unshared is not None:
                unshared.append(each.unshared)
        self._shared.write(unshared)

    def _count(self, keys: Iterable[str], tier: Tier) -> None:
        for kind, facts in Counter(map(kind_of, keys)).items():
            self._observer.found(kind, tier, facts)


def _decoded(stored: Mapping[str, Stored]) -> dict[str, Fact[Any] | None]:
    """The typed values; None for what is not of its kind's type."""
    facts: dict[str, Fact[Any] | None] = {}
    for key, each in stored.items():
        try:
            facts[key] = each.fact()
        except UnreadableDocument:
            facts[key] = None
    return facts


@asynccontextmanager
async def open_facts(
    database_url: str, redis_url: str, observer: Observer | None = None, facts_max: int = PROCESS_FACTS_MAX
) -> AsyncIterator[FactStore]:
    """The fact store over one database and one Redis or Valkey, for as long as the block lasts.

    Neither has to be up: what needs PostgreSQL raises `Outage` until it is. Changes are listened to.
    """
    observer = observer or Unobserved()
    async with pool(database_url) as connections:
        facts = FactStore(DatabaseTier(connections), RedisTier(redis_url, observer), observer, facts_max)
        listener = Listener(database_url, facts.changed, facts.kind_changed, facts.forget_all)
        listening = asyncio.create_task(listener.run())
        try:
            with suppress(TimeoutError):
                await asyncio.wait_for(listener.wait_until_it_hears(), LISTENER_START_SECONDS)
            yield facts
        finally:
            listening.cancel()
            await asyncio.wait([listening])
            await facts.close()
            connections.terminate()
