"""Taking old changes away never leaves a gap that a reader does not hear of, whatever happens at the same time."""

import asyncio
import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gateway.store import administration
from gateway.store.administration import hash_token
from gateway.store.change_reading import ChangeReader
from gateway.store.changes import Feed, Position, behind_position, reading_statement
from gateway.store.claim_changes import CLAIM_CHANGES
from gateway.store.database import connect, pool
from gateway.store.fact import Fact
from gateway.store.keys import Kind, credential
from gateway.store.pruning import Pruner, prune_changes
from rules.facts import Submitter
from tests.claims_desk import TIN
from tests.real_time import CLINIC
from tests.store_support import another_program, until

pytestmark = pytest.mark.store

KEPT = timedelta(days=30)
BEHIND = behind_position(
    "change.change_id, change.claim_id AS subject, change.recorded_at", "edi.claim_change", f"change.tin = '{TIN}'"
)
NUMBERS = Feed(
    CLAIM_CHANGES.name,
    CLAIM_CHANGES.channel,
    reading_statement(
        f"SELECT * FROM ({BEHIND}) AS listed ORDER BY change_id LIMIT $9",  # noqa: S608 - of constants
        "NULL::text[] AS topics, NULL::text AS fact_key, NULL::bigint AS fact_version",
        "",
    ),
    lambda row: int(row["change_id"]),
)
"""The changes of one provider group, by their numbers alone."""
WRITE = """
WITH written AS (
    INSERT INTO edi.claim_change (tin, change_id, claim_id, recorded_at)
    SELECT $1, nextval('edi.claim_change_number'), 'K-X', now() - make_interval(days => $2) FROM generate_series(1, 3)
    RETURNING *
)
INSERT INTO written_change SELECT * FROM written
"""


@pytest.fixture
async def submitter(database_url: str) -> Fact[Submitter]:
    await administration.save_submitter(database_url, CLINIC)
    token = await administration.create_api_key(database_url, "clinic")
    return Fact(credential(hash_token(token)), 1, CLINIC, Kind.CREDENTIAL)


@pytest.fixture
async def reader(database_url: str) -> AsyncIterator[ChangeReader[int]]:
    async with pool(database_url) as connections:
        reader = ChangeReader(NUMBERS, connections)
        yield reader
        await reader.close()
        connections.terminate()


async def write(database_url: str, seed: int) -> None:
    """Changes some of which are old already, in transactions that stay open for a while."""
    dice = random.Random(seed)
    connection = await connect(database_url)
    try:
        for _ in range(40):
            async with connection.transaction():
                await connection.execute(WRITE, TIN, dice.choice((0, 0, 0, 31)))
                await asyncio.sleep(dice.random() / 60)
    finally:
        connection.terminate()


async def prune(database_url: str, is_over: asyncio.Event) -> None:
    while not is_over.is_set():
        await prune_changes(database_url, "claims", KEPT, most=4)
        await asyncio.sleep(0.01)


class Run:
    """What a reader is told from where it began to where it was sent away."""

    def __init__(self, begun: Position) -> None:
        self.begun = begun.since
        self.position = begun
        self.completed = begun.since
        self.told: list[int] = []
        self._page: list[int] = []

    def take(self, changes: list[int], onward: Position) -> None:
        self._page += changes
        self.position = onward
        if onward.until is None:
            self.told += self._page
            self._page = []
            self.completed = onward.since


async def expected(connection: Any, run: Run) -> list[int]:
    rows = await connection.fetch(
        """SELECT change_id FROM written_change
        WHERE NOT pg_visible_in_snapshot(transaction, $1::text::pg_snapshot)
            AND pg_visible_in_snapshot(transaction, $2::text::pg_snapshot) ORDER BY change_id""",
        run.begun,
        run.completed,
    )
    return [row["change_id"] for row in rows]


async def test_what_a_reader_is_told_between_two_refusals_has_no_gap(
    database_url: str, submitter: Fact[Submitter], reader: ChangeReader[int]
) -> None:
    now = datetime.now(UTC)
    async with another_program(database_url) as connection:
        await connection.execute("CREATE TABLE written_change (LIKE edi.claim_change)")
        is_over, dice = asyncio.Event(), random.Random(7)
        writing = asyncio.gather(*(write(database_url, seed) for seed in range(3)))
        pruning = asyncio.create_task(prune(database_url, is_over))
        runs = [Run(Position((await reader.origin()).snapshot))]
        while not writing.done():
            page = await reader.read(submitter, runs[-1].position, lambda: now)
            if page.is_kept:
                runs[-1].take([change.change_id for change in page.changes], page.next)
            else:
                runs.append(Run(Position((await reader.origin()).snapshot)))
            await asyncio.sleep(dice.choice((0, 0, 0.05, 0.1)))
        is_over.set()
        await asyncio.gather(writing, pruning)
        assert len(runs) > 3
        for run in runs:
            assert sorted(run.told) == await expected(connection, run)


async def test_the_gateway_prunes_by_itself(database_url: str) -> None:
    async with another_program(database_url) as connection:
        await connection.execute(
            """INSERT INTO edi.claim_change (tin, change_id, claim_id, recorded_at)
            SELECT $1, nextval('edi.claim_change_number'), 'K-Y', now() - interval '31 days'
            FROM generate_series(1, 10)""",
            TIN,
        )
        pruning = asyncio.create_task(Pruner(database_url, KEPT).run())

        async def is_gone() -> bool:
            return not await connection.fetchval("SELECT count(*) FROM edi.claim_change WHERE claim_id = 'K-Y'")

        await until(is_gone)
        pruning.cancel()
