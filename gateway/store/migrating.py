"""The schema's migrations: numbered SQL files, applied in order, once, by whoever comes first."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from gateway.store.database import Connection, connect, outage_when_down
from gateway.store.limits import MIGRATION_LOCK_SECONDS

FOLDER = Path(__file__).parent / "migrations"

POSTGRESQL_MAJOR_MIN = 18
"""For WITHOUT OVERLAPS in primary keys."""

_LOCK = 0x0ED1_5CE3
"""An arbitrary number: PostgreSQL's advisory lock for migrating."""

_TABLE = """
CREATE SCHEMA IF NOT EXISTS edi;
CREATE TABLE IF NOT EXISTS edi.migration (
    number integer PRIMARY KEY,
    name text NOT NULL,
    sha256 text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
"""


class MigrationError(Exception):
    """The database cannot be brought to this program's schema; the message is for the person at the terminal."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One file: ``0001_fact_versions.sql``."""

    number: int
    name: str
    sql: str

    @property
    def sha256(self) -> str:
        """By which a later change of the file is noticed."""
        return hashlib.sha256(self.sql.encode()).hexdigest()


def migrations(folder: Path = FOLDER) -> tuple[Migration, ...]:
    """This program's migrations in order."""
    files = sorted(folder.glob("*.sql"))
    return tuple(Migration(int(file.stem.partition("_")[0]), file.stem, file.read_text("utf-8")) for file in files)


async def migrate(database_url: str, known: Sequence[Migration] | None = None) -> tuple[str, ...]:
    """Apply what is not applied yet; give the names of what was.

    All in one transaction: a failure leaves the database as it was. Two that come at the same time take turns. Whoever
    may but read the schema finds that nothing is to be done.

    Raises:
        MigrationError: the server is too old, the database newer than this program, an applied file changed, or the
            role may not change the schema and it is to be.
        Outage: the server does not answer.
    """
    wanted = migrations() if known is None else known
    connection = await connect(database_url)
    try:
        _check_server(connection)
        with outage_when_down("migrate"):
            if not await _missing(connection, wanted):
                return ()
            async with connection.transaction():
                await connection.execute(f"SET LOCAL lock_timeout = '{MIGRATION_LOCK_SECONDS:.0f}s'")
                await connection.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)
                return await _apply(connection, wanted)
    except asyncpg.InsufficientPrivilegeError:
        raise MigrationError(
            "the database has to be migrated, and this role may not: run `edi-gateway migrate` as the schema's owner"
        ) from None
    finally:
        connection.terminate()


def _check_server(connection: Connection) -> None:
    version = connection.get_server_version()
    if version.major < POSTGRESQL_MAJOR_MIN:
        raise MigrationError(
            f"PostgreSQL {POSTGRESQL_MAJOR_MIN} or newer is required; this server is {version.major}.{version.minor}"
        )


async def _missing(connection: Connection, known: Sequence[Migration]) -> list[Migration]:
    """Those that are not applied yet."""
    if await connection.fetchval("SELECT to_regclass('edi.migration')") is None:
        return list(known)
    rows = await connection.fetch("SELECT number, name, sha256 FROM edi.migration ORDER BY number")
    applied: dict[int, tuple[str, str]] = {row["number"]: (row["name"], row["sha256"]) for row in rows}
    _check_applied(applied, {migration.number: migration for migration in known})
    return [migration for migration in known if migration.number not in applied]


async def _apply(connection: Connection, known: Sequence[Migration]) -> tuple[str, ...]:
    await connection.execute(_TABLE)
    missing = await _missing(connection, known)
    for migration in missing:
        await connection.execute(migration.sql)
        await connection.execute(
            "INSERT INTO edi.migration (number, name, sha256) VALUES ($1, $2, $3)",
            migration.number,
            migration.name,
            migration.sha256,
        )
    return tuple(migration.name for migration in missing)


def _check_applied(applied: dict[int, tuple[str, str]], known: dict[int, Migration]) -> None:
    for number, (name, sha256) in applied.items():
        if number not in known:
            raise MigrationError(f"the database is newer than this program: it has the migration {name}")
        if known[number].sha256 != sha256:
            raise MigrationError(f"the migration {name} is not the one that was applied to this database")
