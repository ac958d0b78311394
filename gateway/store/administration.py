"""Submitters, their API keys and entitlements: what the command line and the demo change.

Each call is a transaction. When it returns, the change counts: no answer is recorded any more on what was before.
"""

import hashlib
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, fields

import asyncpg

from gateway.store.database import Connection, Refused, connect, outage_when_down, refused_when_contradictory
from rules.facts import Entitlement, Function, Submitter

__all__ = [
    "Counts",
    "NewToken",
    "Refused",
    "changing",
    "count",
    "create_api_key",
    "grant",
    "hash_token",
    "revoke",
    "revoke_api_keys",
    "save_submitter",
]

TOKEN_PREFIX = "edi_"  # noqa: S105 - what every token begins with, so that a leaked one is recognized
TOKEN_BYTES = 32
SHOWN_CHARACTERS = 8

_COUNTS = """
SELECT
    (SELECT count(*) FROM edi.contract) AS contracts,
    (SELECT count(*) FROM edi.plan) AS plans,
    (SELECT count(*) FROM edi.provider) AS providers,
    (SELECT count(*) FROM edi.submitter) AS submitters,
    (SELECT count(*) FROM edi.entitlement WHERE revoked_at IS NULL) AS entitlements,
    (SELECT greatest(reltuples, 0)::bigint FROM pg_class WHERE oid = 'edi.audit'::regclass) AS answers
"""


@dataclass(frozen=True, slots=True)
class Counts:
    """How much the store holds."""

    contracts: int
    plans: int
    providers: int
    submitters: int
    entitlements: int
    """Not revoked."""
    answers: int
    """In the audit, about: as PostgreSQL last counted."""


@dataclass(frozen=True, slots=True)
class NewToken:
    """An API key that has just been made."""

    text: str = field(repr=False)
    """To be told once."""
    shown: str
    """Its first characters, by which people tell keys apart."""

    @staticmethod
    def of(prefix: str) -> "NewToken":
        """One that begins like this."""
        text = prefix + secrets.token_urlsafe(TOKEN_BYTES)
        return NewToken(text, text[: len(prefix) + SHOWN_CHARACTERS])


def hash_token(token: str) -> bytes:
    """What of an API key is stored and looked up. SHA-256 is enough: a token is 256 random bits."""
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()


async def save_submitter(database_url: str, submitter: Submitter) -> None:
    """Create a submitter, or change the one that has this id.

    Raises:
        Refused: another submitter has the same interchange address, or it is not one that an ISA can hold.
        Outage: PostgreSQL does not answer.
    """
    async with changing(database_url, "the submitter cannot be stored") as connection:
        await connection.execute(
            """
            INSERT INTO edi.submitter (submitter_id, name, interchange_qualifier, interchange_id, status)
            VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (submitter_id) DO UPDATE SET
                name = excluded.name,
                interchange_qualifier = excluded.interchange_qualifier,
                interchange_id = excluded.interchange_id,
                status = excluded.status
            """,
            *(getattr(submitter, each.name) for each in fields(submitter)),
        )


async def create_api_key(database_url: str, submitter_id: str) -> str:
    """Create an API key and give it, this once: only its hash is kept.

    Raises:
        Refused: there is no such submitter.
        Outage: PostgreSQL does not answer.
    """
    token = NewToken.of(TOKEN_PREFIX)
    async with changing(database_url, "the API key cannot be stored") as connection:
        await connection.execute(
            "INSERT INTO edi.api_key (key_hash, submitter_id, prefix) VALUES ($1, $2, $3)",
            hash_token(token.text),
            submitter_id,
            token.shown,
        )
    return token.text


async def revoke_api_keys(database_url: str, submitter_id: str, prefix: str = "") -> int:
    """Revoke a submitter's keys that begin like this (all of them by default); give how many were in force.

    Raises:
        Outage: PostgreSQL does not answer.
    """
    async with changing(database_url, "no key is created in the future") as connection:
        revoked = await connection.fetch(
            """
            UPDATE edi.api_key SET revoked_at = now()
            WHERE submitter_id = $1 AND starts_with(prefix, $2) AND revoked_at IS NULL RETURNING prefix
            """,
            submitter_id,
            prefix,
        )
    return len(revoked)


async def grant(database_url: str, entitlement: Entitlement) -> None:
    """Entitle a submitter.

    Raises:
        Refused: there is no such submitter, the TIN is not nine digits, the time ends before it begins, or the
            submitter has the entitlement for a part of it already.
        Outage: PostgreSQL does not answer.
    """
    if entitlement.valid_until is not None and entitlement.valid_until <= entitlement.valid_from:
        raise Refused("an entitlement ends after it begins")
    async with changing(database_url, "the entitlement cannot be stored") as connection:
        await connection.execute(
            """
            INSERT INTO edi.entitlement (submitter_id, tin, function, valid, granted_by) VALUES ($1, $2, $3, $4, $5)
            """,
            entitlement.submitter_id,
            entitlement.tin,
            entitlement.function,
            asyncpg.Range(entitlement.valid_from, entitlement.valid_until),
            entitlement.granted_by,
        )


async def revoke(database_url: str, submitter_id: str, tin: str, function: Function, revoked_by: str) -> int:
    """Revoke what a submitter holds, now or later, of one function for one TIN; give how many grants that were.

    Raises:
        Outage: PostgreSQL does not answer.
    """
    async with changing(database_url, "the revocation contradicts the grant") as connection:
        revoked = await connection.fetch(
            """
            UPDATE edi.entitlement SET revoked_at = now(), revoked_by = $4
            WHERE submitter_id = $1 AND tin = $2 AND function = $3 AND revoked_at IS NULL RETURNING entitlement_id
            """,
            submitter_id,
            tin,
            function,
            revoked_by,
        )
    return len(revoked)


async def count(database_url: str) -> Counts:
    """How much the store holds.

    Raises:
        Outage: PostgreSQL does not answer.
    """
    connection = await connect(database_url)
    try:
        with outage_when_down("count"):
            row = await connection.fetchrow(_COUNTS)
    finally:
        connection.terminate()
    return Counts(**row)


@asynccontextmanager
async def changing(database_url: str, contradiction: str) -> AsyncIterator[Connection]:
    """A transaction; after it the change counts for every answer. ``contradiction``: what the schema refuses."""
    connection = await connect(database_url)
    try:
        with outage_when_down("administration"), refused_when_contradictory(contradiction):
            async with connection.transaction():
                yield connection
            await connection.execute("SELECT edi.settle_answers()")
    finally:
        connection.terminate()
