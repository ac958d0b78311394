"""Connections to PostgreSQL, and what its failures mean to us."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import asyncpg

from edi.errors import CallerError, Outage
from gateway.store.limits import DATABASE_CONNECT_SECONDS, DATABASE_CONNECTIONS_MAX

SETTINGS = {
    "application_name": "edi-gateway",
    # What record_answers and the look-ups rely on, whatever the server's own defaults are.
    "default_transaction_isolation": "read committed",
    "synchronous_commit": "on",
    "timezone": "UTC",
    # One look-up by key per question: compiling such a statement costs more than running it.
    "jit": "off",
}

_JSONB_VERSION = b"\x01"

_SAID_BY = {
    "api_key_submitter_id_fkey": "there is no such submitter",
    "entitlement_submitter_id_fkey": "there is no such submitter",
    "entitlement_tin_check": "a TIN has nine digits",
    "granted_once": "granted already for a part of that time",
    "reviewer_is_somebody": "a review's history has that name for what nobody decided",
    "reviewer_key_reviewer_id_fkey": "there is no such reviewer",
    "reviewer_reviewer_id_check": "a reviewer's id has 1 to 80 characters",
    "submitter_interchange_id_check": "an interchange id has 1 to 15 characters",
    "submitter_interchange_qualifier_check": "an interchange qualifier has two characters",
    "submitter_interchange_qualifier_interchange_id_key": "the interchange address belongs to another submitter",
    "submitter_submitter_id_check": "a submitter's id is not empty and has no slash",
}
"""What a constraint that people run into means, by its name in the schema."""

_DOWN = (
    OSError,
    TimeoutError,
    asyncpg.InterfaceError,
    # What asyncpg says of a connection on which the server's last word came before our question.
    asyncpg.InternalClientError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.PostgresSystemError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.QueryCanceledError,
    asyncpg.LockNotAvailableError,
    asyncpg.TransactionRollbackError,
)


class Refused(CallerError):  # noqa: N818 - says what happened to the change
    """A change contradicts what is there or cannot be stored; the message is for the person at the terminal."""


class Connection(asyncpg.Connection):  # type: ignore[misc]
    """A connection that is given back to its pool without a round trip: nothing here leaves session state behind."""

    def get_reset_query(self) -> str:
        """Nothing to reset."""
        return ""


@contextmanager
def outage_when_down(what: str) -> Iterator[None]:
    """Turn the failures of a server that is down, going down, full or too slow into an `Outage`.

    The message names what we wanted. The cause is left out: it may quote a statement's values.
    """
    try:
        yield
    except _DOWN as error:
        raise Outage(f"PostgreSQL does not answer ({what}: {type(error).__name__})") from None


@contextmanager
def refused_when_contradictory(what: str) -> Iterator[None]:
    """Turn the refusals of the schema into a `Refused`: what PostgreSQL says of them quotes the rows."""
    try:
        yield
    except asyncpg.IntegrityConstraintViolationError as error:
        constraint = error.constraint_name or type(error).__name__
        raise Refused(_SAID_BY.get(constraint) or f"{what} ({constraint})") from None
    except (asyncpg.DataError, asyncpg.CardinalityViolationError) as error:
        raise Refused(f"{what} ({type(error).__name__})") from None


async def connect(database_url: str) -> Connection:
    """One connection of our own kind; the caller closes it.

    Raises:
        Outage: the server does not answer in time.
    """
    with outage_when_down("connect"):
        connection: Connection = await asyncpg.connect(
            database_url,
            timeout=DATABASE_CONNECT_SECONDS,
            server_settings=SETTINGS,
            connection_class=Connection,
        )
        await _read_json_as_bytes(connection)
    return connection


def pool(database_url: str) -> Any:
    """A pool of such connections, to be entered with ``async with``; it connects as it is used and stays connected."""
    return asyncpg.create_pool(
        database_url,
        min_size=0,
        max_size=DATABASE_CONNECTIONS_MAX,
        max_inactive_connection_lifetime=0,
        timeout=DATABASE_CONNECT_SECONDS,
        server_settings=SETTINGS,
        connection_class=Connection,
        init=_read_json_as_bytes,
    )


async def _read_json_as_bytes(connection: Connection) -> None:
    """Documents pass as the bytes that they are: only msgspec reads and writes JSON."""
    await connection.set_type_codec("json", schema="pg_catalog", encoder=bytes, decoder=bytes, format="binary")
    await connection.set_type_codec(
        "jsonb",
        schema="pg_catalog",
        encoder=lambda document: _JSONB_VERSION + document,
        decoder=lambda sent: bytes(sent[1:]),
        format="binary",
    )
