"""Submitters who follow claims, and claims to ask after, in a store."""

import asyncio
import secrets
from collections.abc import Sequence

from benchmarks.inquiries import made_up_book
from gateway.store.administration import hash_token
from gateway.store.claim_loading import load_claims
from gateway.store.database import connect
from gateway.store.loading import load_contracts, load_plans, load_providers
from gateway.store.migrating import migrate
from rules.facts.claims import Claim

COMMON_TIN = "700000000"
"""Of the provider group that has entitled all who wait."""
ASKED_MEMBERS = 200

_SAVE = """
WITH submitter AS (
    INSERT INTO edi.submitter (submitter_id, name, interchange_qualifier, interchange_id, status)
    SELECT id, id, 'ZZ', id, 'active' FROM unnest($1::text[]) AS id
), key AS (
    INSERT INTO edi.api_key (submitter_id, key_hash, prefix)
    SELECT *, 'bench' FROM unnest($1::text[], $2::bytea[])
)
INSERT INTO edi.entitlement (submitter_id, tin, function, valid, granted_by)
SELECT submitter_id, tin, 'claim status', tstzrange(now() - interval '1 day', NULL), 'benchmark'
FROM unnest($3::text[], $4::text[]) AS granted (submitter_id, tin)
"""


def tin_of(number: int) -> str:
    """The provider group of one who waits."""
    return f"71{number:07d}"


def prepare_followers(database_url: str, tins: Sequence[Sequence[str]]) -> list[str]:
    """Make submitters, whom these provider groups have entitled; gives their API keys."""
    tokens = [secrets.token_urlsafe(32) for _ in tins]
    submitters = [f"F{secrets.token_hex(6).upper()}" for _ in tins]
    granted = [(submitter, tin) for submitter, each in zip(submitters, tins, strict=True) for tin in each]

    async def save() -> None:
        await migrate(database_url)
        connection = await connect(database_url)
        try:
            await connection.execute(
                _SAVE,
                submitters,
                [hash_token(token) for token in tokens],
                [submitter for submitter, _ in granted],
                [tin for _, tin in granted],
            )
            await connection.execute("ANALYZE edi.submitter, edi.api_key, edi.entitlement, edi.fact_version")
        finally:
            connection.terminate()

    asyncio.run(save())
    return tokens


def prepare_claims(database_url: str) -> tuple[list[Claim], tuple[str, ...]]:
    """Load a small book with its claims; gives these, and the tax ids of the provider groups."""
    made = made_up_book(ASKED_MEMBERS)
    claims = list(made.claims())

    async def load() -> None:
        await migrate(database_url)
        await load_plans(database_url, made.plans())
        await load_providers(database_url, made.providers())
        await load_contracts(database_url, made.contracts())
        await load_claims(database_url, claims)

    asyncio.run(load())
    return claims, made.tins()
