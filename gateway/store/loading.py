"""Bring contracts, plans and providers into the store in bulk.

What is there already under the same id is replaced, its former version kept in the history; what has not changed is
left alone, so that a load that was broken off is simply run again.
"""

from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Sequence
from typing import Any, TypeVar

from gateway.store.database import Connection, connect, outage_when_down, refused_when_contradictory
from gateway.store.documents import encode
from gateway.store.limits import LOAD_CONTRACTS_PER_TRANSACTION, LOAD_ROWS_PER_TRANSACTION
from rules.facts import Contract, Plan, Provider
from rules.search_keys import ById, ByName, filed_under

Progress = Callable[[int], None]
"""Is told after each transaction how many facts have been loaded so far."""

T = TypeVar("T")

_INCOMING_CONTRACTS = """
CREATE TEMP TABLE IF NOT EXISTS incoming (id text, document jsonb) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS incoming_key (LIKE edi.search_key INCLUDING GENERATED) ON COMMIT DELETE ROWS;
"""
_KEY_COLUMNS = ("contract_id", "member_id", "birth_date", "last_name")
# The ids are an array, or the planner, who knows nothing of temporary tables, might read all keys there are.
_TAKE_IN_CONTRACTS = """
INSERT INTO edi.contract AS held (id, document) SELECT id, document FROM incoming
ON CONFLICT (id) DO UPDATE SET document = excluded.document WHERE held.document <> excluded.document;

DELETE FROM edi.search_key AS held WHERE held.contract_id = ANY (ARRAY(SELECT id FROM incoming)) AND NOT EXISTS (
    SELECT FROM incoming_key AS wanted WHERE (wanted.fact_key, wanted.contract_id) = (held.fact_key, held.contract_id)
);

INSERT INTO edi.search_key (contract_id, member_id, birth_date, last_name)
SELECT contract_id, member_id, birth_date, last_name FROM incoming_key
ON CONFLICT DO NOTHING;
"""

_INCOMING_PLANS = "CREATE TEMP TABLE IF NOT EXISTS incoming_plan (id text, document jsonb) ON COMMIT DELETE ROWS"
_TAKE_IN_PLANS = """
INSERT INTO edi.plan AS held (id, document) SELECT id, document FROM incoming_plan
ON CONFLICT (id) DO UPDATE SET document = excluded.document WHERE held.document <> excluded.document
"""

_INCOMING_PROVIDERS = """
CREATE TEMP TABLE IF NOT EXISTS incoming_provider (
    provider_id text, name text, may_inquire boolean
) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS incoming_identifier (
    qualifier text, identifier text, provider_id text
) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS incoming_tin (provider_id text, tin text) ON COMMIT DELETE ROWS;
"""
_TAKE_IN_PROVIDERS = """
INSERT INTO edi.provider AS held (provider_id, name, may_inquire)
SELECT provider_id, name, may_inquire FROM incoming_provider
ON CONFLICT (provider_id) DO UPDATE SET name = excluded.name, may_inquire = excluded.may_inquire
WHERE (held.name, held.may_inquire) <> (excluded.name, excluded.may_inquire);

DELETE FROM edi.provider_identifier AS held USING incoming_provider
WHERE held.provider_id = incoming_provider.provider_id
    AND (held.qualifier, held.identifier, held.provider_id)
        NOT IN (SELECT qualifier, identifier, provider_id FROM incoming_identifier);

DELETE FROM edi.provider_tin AS held USING incoming_provider
WHERE held.provider_id = incoming_provider.provider_id
    AND (held.provider_id, held.tin) NOT IN (SELECT provider_id, tin FROM incoming_tin);

-- An identifier that another provider has is an error of the data, not a change of hands.
INSERT INTO edi.provider_identifier (qualifier, identifier, provider_id)
SELECT qualifier, identifier, provider_id FROM incoming_identifier AS incoming
WHERE NOT EXISTS (
    SELECT FROM edi.provider_identifier AS held WHERE (held.qualifier, held.identifier, held.provider_id)
        = (incoming.qualifier, incoming.identifier, incoming.provider_id)
);

INSERT INTO edi.provider_tin (provider_id, tin) SELECT provider_id, tin FROM incoming_tin ON CONFLICT DO NOTHING;
"""


def no_progress(_loaded: int) -> None:
    """Tell nobody."""


async def load_contracts(
    database_url: str, contracts: Iterable[Contract] | AsyncIterable[Contract], progress: Progress = no_progress
) -> int:
    """Load contracts with the keys by which they are found; give their number.

    Raises:
        Outage: PostgreSQL does not answer; what was reported as progress is loaded.
        Refused: the data break a promise of the schema; of the transaction under way nothing is loaded.
    """
    return await load_in_chunks(database_url, contracts, LOAD_CONTRACTS_PER_TRANSACTION, take_in_contracts, progress)


async def take_in_contracts(connection: Connection, contracts: Sequence[Contract]) -> None:
    """Take contracts in, each once, within the transaction that the caller has begun."""
    await connection.execute(_INCOMING_CONTRACTS)
    await copy(connection, "incoming", ((each.contract_id, encode(each)) for each in contracts))
    await copy(connection, "incoming_key", (row for each in contracts for row in _search_key_rows(each)), _KEY_COLUMNS)
    await connection.execute(_TAKE_IN_CONTRACTS)


async def load_plans(
    database_url: str, plans: Iterable[Plan] | AsyncIterable[Plan], progress: Progress = no_progress
) -> int:
    """Load plans; give their number. Raises as `load_contracts` does."""

    async def take_in(connection: Connection, chunk: Sequence[Plan]) -> None:
        await connection.execute(_INCOMING_PLANS)
        await copy(connection, "incoming_plan", ((each.plan_id, encode(each)) for each in chunk))
        await connection.execute(_TAKE_IN_PLANS)

    return await load_in_chunks(database_url, plans, LOAD_ROWS_PER_TRANSACTION, take_in, progress)


async def load_providers(
    database_url: str, providers: Iterable[Provider] | AsyncIterable[Provider], progress: Progress = no_progress
) -> int:
    """Load providers with their identifiers and TINs; give their number. Raises as `load_contracts` does."""

    async def take_in(connection: Connection, chunk: Sequence[Provider]) -> None:
        await connection.execute(_INCOMING_PROVIDERS)
        await copy(connection, "incoming_provider", ((each.provider_id, each.name, each.may_inquire) for each in chunk))
        identifiers = (
            (identifier.qualifier, identifier.identifier, each.provider_id)
            for each in chunk
            for identifier in each.identifiers
        )
        await copy(connection, "incoming_identifier", identifiers)
        await copy(connection, "incoming_tin", ((each.provider_id, tin) for each in chunk for tin in each.tins))
        await connection.execute(_TAKE_IN_PROVIDERS)

    return await load_in_chunks(database_url, providers, LOAD_ROWS_PER_TRANSACTION, take_in, progress)


def _search_key_rows(contract: Contract) -> Iterable[tuple[object, ...]]:
    for key in filed_under(contract):
        match key:
            case ById(member_id):
                yield contract.contract_id, member_id, None, None
            case ByName(birth_date, last_name):
                yield contract.contract_id, None, birth_date, last_name


async def copy(
    connection: Connection, table: str, rows: Iterable[tuple[object, ...]], columns: Sequence[str] | None = None
) -> None:
    await connection.copy_records_to_table(table, records=rows, columns=columns)


async def load_in_chunks(
    database_url: str,
    facts: Iterable[T] | AsyncIterable[T],
    chunk_size: int,
    take_in: Callable[[Connection, Sequence[T]], Any],
    progress: Progress,
) -> int:
    """Take facts in chunk by chunk, each in a transaction of its own."""
    loaded = 0
    connection = await connect(database_url)
    try:
        async for chunk in _chunks(facts, chunk_size):
            with outage_when_down("load"), refused_when_contradictory("the facts contradict the store or each other"):
                async with connection.transaction():
                    await take_in(connection, chunk)
            loaded += len(chunk)
            progress(loaded)
    finally:
        connection.terminate()
    return loaded


async def _chunks(facts: Iterable[T] | AsyncIterable[T], size: int) -> AsyncIterator[list[T]]:
    chunk: list[T] = []
    async for fact in _asynchronously(facts):
        chunk.append(fact)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


async def _asynchronously(facts: Iterable[T] | AsyncIterable[T]) -> AsyncIterator[T]:
    if isinstance(facts, AsyncIterable):
        async for fact in facts:
            yield fact
    else:
        for fact in facts:
            yield fact
