"""Reviewers and their API keys: who may decide pended reviews over HTTP.

No cache holds any of it: each key that is presented is looked up, and a decision is recorded only while its key holds.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from gateway.store.administration import NewToken, changing, hash_token
from gateway.store.database import connect, outage_when_down, pool
from gateway.store.limits import DATABASE_LOOKUP_SECONDS, DATABASE_SLOT_SECONDS

REVIEWER_TOKEN_PREFIX = "edi_reviewer_"  # noqa: S105 - what every reviewer's token begins with, and no submitter's

_FIND = """
SELECT reviewer_id, name FROM edi.reviewer_key JOIN edi.reviewer USING (reviewer_id)
WHERE key_hash = $1 AND revoked_at IS NULL
"""
_LIST = """
SELECT reviewer_id, name, prefix, created_at
FROM edi.reviewer LEFT JOIN (SELECT * FROM edi.reviewer_key WHERE revoked_at IS NULL) AS held USING (reviewer_id)
ORDER BY reviewer_id, created_at
"""


@dataclass(frozen=True, slots=True)
class Reviewer:
    """Somebody whose key holds."""

    reviewer_id: str
    name: str
    key_hash: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class ListedKey:
    """A reviewer and a key in force; no key where ``prefix`` is None."""

    reviewer_id: str
    name: str
    prefix: str | None
    created_at: datetime | None


class ReviewerRegister:
    """Looks reviewers up over a pool of connections (`gateway.store.database.pool`)."""

    def __init__(self, connections: Any) -> None:
        self._connections = connections

    async def find(self, token: str) -> Reviewer | None:
        """Whose key this is; None: no reviewer's, or revoked.

        Raises:
            Outage: PostgreSQL does not answer in time.
        """
        if not token.startswith(REVIEWER_TOKEN_PREFIX):
            return None
        key_hash = hash_token(token)
        with outage_when_down("find a reviewer"):
            async with self._connections.acquire(timeout=DATABASE_SLOT_SECONDS) as connection:
                row = await connection.fetchrow(_FIND, key_hash, timeout=DATABASE_LOOKUP_SECONDS)
        return None if row is None else Reviewer(row["reviewer_id"], row["name"], key_hash)


@asynccontextmanager
async def open_reviewers(database_url: str) -> AsyncIterator[ReviewerRegister]:
    """The reviewers of one database, for as long as the block lasts."""
    async with pool(database_url) as connections:
        try:
            yield ReviewerRegister(connections)
        finally:
            connections.terminate()


async def add_reviewer_key(database_url: str, reviewer_id: str, name: str | None = None) -> str:
    """Create a reviewer, or take the one that has this id; give a new key, this once: only its hash is kept.

    Args:
        name: for people; None: the id, or as it was.

    Raises:
        Refused: the id cannot be one.
        Outage: PostgreSQL does not answer.
    """
    token = NewToken.of(REVIEWER_TOKEN_PREFIX)
    async with changing(database_url, "the reviewer cannot be stored") as connection:
        await connection.execute(
            "INSERT INTO edi.reviewer (reviewer_id, name) VALUES ($1, coalesce($2, $1)) "
            "ON CONFLICT (reviewer_id) DO UPDATE SET name = coalesce($2, reviewer.name)",
            reviewer_id,
            name,
        )
        await connection.execute(
            "INSERT INTO edi.reviewer_key (key_hash, reviewer_id, prefix) VALUES ($1, $2, $3)",
            hash_token(token.text),
            reviewer_id,
            token.shown,
        )
    return token.text


async def revoke_reviewer_keys(database_url: str, reviewer_id: str, prefix: str = "") -> int:
    """Revoke a reviewer's keys that begin like this (all by default); give how many were in force.

    A decision that is being recorded on such a key is waited for; after the return none is recorded any more.

    Raises:
        Outage: PostgreSQL does not answer.
    """
    async with changing(database_url, "no key is created in the future") as connection:
        revoked = await connection.fetch(
            "UPDATE edi.reviewer_key SET revoked_at = now() "
            "WHERE reviewer_id = $1 AND starts_with(prefix, $2) AND revoked_at IS NULL RETURNING prefix",
            reviewer_id,
            prefix,
        )
    return len(revoked)


async def list_reviewers(database_url: str) -> tuple[ListedKey, ...]:
    """Every reviewer with each key in force.

    Raises:
        Outage: PostgreSQL does not answer.
    """
    connection = await connect(database_url)
    try:
        with outage_when_down("list reviewers"):
            return tuple([ListedKey(*row) for row in await connection.fetch(_LIST)])
    finally:
        connection.terminate()
