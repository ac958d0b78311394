"""The schema is brought to its newest form once, whoever asks and however often."""

import asyncio
from dataclasses import replace

import asyncpg
import pytest

from edi.errors import Outage
from gateway.store.migrating import MigrationError, migrate, migrations

pytestmark = pytest.mark.store


async def test_all_migrations_are_applied_in_order_and_only_once(empty_database_url: str) -> None:
    names = await migrate(empty_database_url)
    assert names == tuple(migration.name for migration in migrations())
    assert await migrate(empty_database_url) == ()


async def test_programs_that_start_together_migrate_once(empty_database_url: str) -> None:
    applied = await asyncio.gather(*(migrate(empty_database_url) for _ in range(4)))
    assert sorted(map(len, applied)) == [0, 0, 0, len(migrations())]


async def test_a_changed_migration_is_refused(empty_database_url: str) -> None:
    await migrate(empty_database_url)
    first, *others = migrations()
    with pytest.raises(MigrationError, match="0001_fact_versions is not the one that was applied"):
        await migrate(empty_database_url, [replace(first, sql=first.sql + " "), *others])


async def test_a_database_newer_than_the_program_is_refused(empty_database_url: str) -> None:
    await migrate(empty_database_url)
    with pytest.raises(MigrationError, match="newer than this program"):
        await migrate(empty_database_url, migrations()[:-1])


async def test_a_failing_migration_leaves_the_database_as_it_was(empty_database_url: str) -> None:
    broken = replace(migrations()[0], number=99, name="0099_broken", sql="SELECT no_such_function()")
    with pytest.raises(asyncpg.UndefinedFunctionError):
        await migrate(empty_database_url, [*migrations(), broken])
    assert len(await migrate(empty_database_url)) == len(migrations())


async def test_a_server_that_is_not_there_is_an_outage() -> None:
    with pytest.raises(Outage):
        await migrate("postgresql://nobody@127.0.0.1:1/nothing")
