"""The truth: facts and their versions, read from PostgreSQL in one statement per kind."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from gateway.store.database import outage_when_down
from gateway.store.fact import Stored
from gateway.store.keys import Kind, kind_of
from gateway.store.limits import DATABASE_LOOKUP_SECONDS, DATABASE_SLOT_SECONDS

# One statement reads fact and version in one snapshot: a version never stands beside the value of another. What a fact
# consists of is the schema's business (edi.member_document and its like), which keeps it for the audit too.
_STATEMENT = """
SELECT asked.key, coalesce(fact.version, 0) AS version, coalesce(found.document, 'null') AS document
FROM unnest($1::text[]) AS asked (key)
LEFT JOIN edi.fact_version AS fact ON fact.key = asked.key
CROSS JOIN LATERAL edi.{kind}_document(asked.key, NULL) AS found
"""
_STATEMENTS = {kind: _STATEMENT.format(kind=kind) for kind in Kind}

# The database, and its timeline: restored to an earlier moment or failed over it is on another one, and counts versions
# again that it has counted before, perhaps for other values. A disk put back behind PostgreSQL's back looks the same:
# who does that empties Redis.
_HISTORY = """
SELECT format('%s.%s.%s', system_identifier, oid, left(pg_walfile_name(pg_current_wal_lsn()), 8))
FROM pg_control_system(), pg_database WHERE datname = current_database()
"""


class DatabaseTier:
    """Reads facts over a pool of connections (`gateway.store.database.pool`)."""

    def __init__(self, pool: Any) -> None:
        self._pool = pool

    async def read(self, keys: Sequence[str]) -> dict[str, Stored]:
        """Every one of the facts, also those that are not there.

        Raises:
            Outage: PostgreSQL does not answer in time.
        """
        by_kind = defaultdict(list)
        for key in keys:
            by_kind[kind_of(key)].append(key)
        parts = await asyncio.gather(*(self._read_kind(kind, asked) for kind, asked in by_kind.items()))
        return {stored.key: stored for part in parts for stored in part}

    async def history(self) -> str:
        """Within what versions can be compared: the same text for the same database, until it is restored.

        Raises:
            Outage: PostgreSQL does not answer in time.
        """
        with outage_when_down("ask for the history"):
            async with self._pool.acquire(timeout=DATABASE_SLOT_SECONDS) as connection:
                return str(await connection.fetchval(_HISTORY, timeout=DATABASE_LOOKUP_SECONDS))

    async def _read_kind(self, kind: Kind, keys: list[str]) -> list[Stored]:
        with outage_when_down(f"look up {kind}"):
            async with self._pool.acquire(timeout=DATABASE_SLOT_SECONDS) as connection:
                rows = await connection.fetch(_STATEMENTS[kind], keys, timeout=DATABASE_LOOKUP_SECONDS)
        return [Stored(row["key"], row["version"], row["document"]) for row in rows]
