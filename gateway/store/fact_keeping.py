"""Keep the documents of facts by which somebody may soon be told something.

The first record that names a fact keeps its document (``edi.record_answers``), which takes longer than to record what
is told by it. For those who wait it is done before there is anything to tell.
"""

import asyncio
from collections.abc import Iterable, Mapping
from contextlib import suppress
from itertools import islice
from typing import Any

from edi.errors import Outage
from gateway.store.database import outage_when_down
from gateway.store.limits import (
    DATABASE_LOOKUP_SECONDS,
    DATABASE_SLOT_SECONDS,
    FACTS_KEPT_PER_STATEMENT,
    NAMED_FACTS_MAX,
)

# In the order of edi.record_answers, so that two who keep the same facts do not wait for each other in a ring. What is
# STABLE sees what the statement sees: a document is that of its version.
_KEEP = """
WITH fact AS MATERIALIZED (
    SELECT key, fact_id, version FROM edi.fact_version WHERE key = ANY ($1) AND version > 0
), kept AS (
    INSERT INTO edi.fact_document (fact_id, version, document)
    SELECT fact_id, version, edi.document(key) FROM fact
    WHERE NOT EXISTS (
        SELECT FROM edi.fact_document AS held WHERE (held.fact_id, held.version) = (fact.fact_id, fact.version)
    )
    ORDER BY fact_id ON CONFLICT DO NOTHING
)
SELECT key, version FROM fact
"""


class FactKeeper:
    """Keeps facts over a pool of connections, in the background."""

    def __init__(self, connections: Any) -> None:
        self._connections = connections
        self._wanted: dict[str, None] = {}
        self._kept: dict[str, int] = {}
        """The versions, by key."""
        self._task: asyncio.Task[None] | None = None

    def keep(self, keys: Iterable[str]) -> None:
        """Have these facts kept soon. Where that fails, the first record that names them keeps them."""
        self._wanted.update({key: None for key in keys if key not in self._kept})
        if self._wanted and (self._task is None or self._task.done()):
            self._task = asyncio.create_task(self._keep_all())

    def has(self, versions: Mapping[str, int]) -> bool:
        """Whether facts are kept at these versions."""
        return versions.items() <= self._kept.items()

    def forget(self) -> None:
        """What was kept may be gone: the database may be another one."""
        self._kept = {}

    async def close(self) -> None:
        """Give up what is under way."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _keep_all(self) -> None:
        while self._wanted:
            keys = list(islice(self._wanted, FACTS_KEPT_PER_STATEMENT))
            for key in keys:
                del self._wanted[key]
            with suppress(Outage):
                await self._keep(keys)

    async def _keep(self, keys: list[str]) -> None:
        kept = self._kept
        with outage_when_down("keep facts"):
            async with self._connections.acquire(timeout=DATABASE_SLOT_SECONDS) as connection:
                rows = await connection.fetch(_KEEP, keys, timeout=DATABASE_LOOKUP_SECONDS)
        if len(kept) >= NAMED_FACTS_MAX:
            kept.clear()
        kept.update({row["key"]: row["version"] for row in rows})
