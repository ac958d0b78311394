"""PostgreSQL and Valkey for the tests that need them: one pair a run, a fresh database for each test module."""

import asyncio
import itertools
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest
import redis
from hypothesis import HealthCheck, settings

from gateway.embedded import EmbeddedServers
from gateway.store.migrating import migrate
from tests.patience import be_patient

# What is tested is what comes out; how long it took says more about the machine.
# The same examples each time: who changes nothing sees no other outcome. --hypothesis-profile=default draws others.
settings.register_profile("any machine", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")

_TEMPLATE = "migrated"
_numbers = itertools.count(1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that start whole programs: they take longest, and others compute while they wait."""
    slow = {item.path for item in items if item.get_closest_marker("slow") is not None}
    items.sort(key=lambda item: item.path not in slow)


def database_at(server_url: str, name: str) -> str:
    """The URL of another database of the same server."""
    parts = urlsplit(server_url)
    return urlunsplit(parts._replace(path=f"/{name}"))


def execute(database_url: str, statement: str) -> None:
    """Run a statement from a connection of its own."""

    async def run() -> None:
        connection = await asyncpg.connect(database_url, timeout=60)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    asyncio.run(run())


@pytest.fixture(scope="session", autouse=True)
def patience() -> Iterator[None]:
    """No deadline of the store strikes in a test that does not set it itself."""
    with pytest.MonkeyPatch.context() as patch:
        be_patient(patch)
        yield


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder for servers. Not pytest's own: another run of pytest takes the right to pass through it back."""
    with tempfile.TemporaryDirectory(prefix="edi-tests-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def servers() -> Iterator[EmbeddedServers]:
    """The servers of this run, started for the first test that asks."""
    with tempfile.TemporaryDirectory(prefix="edi-tests-") as folder, EmbeddedServers(Path(folder) / "data") as servers:
        # What is left after a loss of power is not tested here.
        for setting in ("fsync", "full_page_writes"):
            execute(servers.database_url, f"ALTER SYSTEM SET {setting} = off")
        execute(servers.database_url, "SELECT pg_reload_conf()")
        yield servers


@pytest.fixture(scope="session")
def migrated_template(servers: EmbeddedServers) -> str:
    """The name of a database with the schema, from which others are copied in a few milliseconds."""
    execute(servers.database_url, f"CREATE DATABASE {_TEMPLATE}")
    asyncio.run(migrate(database_at(servers.database_url, _TEMPLATE)))
    return _TEMPLATE


@pytest.fixture(scope="module")
def database_url(servers: EmbeddedServers, migrated_template: str) -> Iterator[str]:
    """A database of this module's own, with the schema and nothing in it."""
    yield from _fresh_database(servers, f" TEMPLATE {migrated_template}")


@pytest.fixture
def empty_database_url(servers: EmbeddedServers) -> Iterator[str]:
    """A database of this test's own, without the schema."""
    yield from _fresh_database(servers, "")


@pytest.fixture
def redis_url(servers: EmbeddedServers) -> str:
    """Valkey with nothing in it."""
    with redis.Redis.from_url(servers.redis_url) as client:
        client.flushall()
    return servers.redis_url


def _fresh_database(servers: EmbeddedServers, source: str) -> Iterator[str]:
    name = f"test_{next(_numbers)}"
    execute(servers.database_url, f"CREATE DATABASE {name}{source}")
    try:
        yield database_at(servers.database_url, name)
    finally:
        execute(servers.database_url, f"DROP DATABASE {name} WITH (FORCE)")
