"""What commands that change the store have in common: which database, and how failures are told."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, NoReturn, TypeVar

import typer

from edi.errors import Outage
from gateway.embedded.errors import EmbeddedServerError
from gateway.settings import BadSettings, Settings, read_settings, unknown_variables, variable
from gateway.store.administration import Refused
from gateway.store.migrating import MigrationError, migrate

T = TypeVar("T")


def settings_or_exit() -> Settings:
    """The settings of the environment; exits with their problems when some cannot be used."""
    for name in unknown_variables(os.environ):
        typer.echo(f"{name} is set but means nothing to edi-gateway: misspelt?", err=True)
    try:
        return read_settings(os.environ)
    except BadSettings as bad:
        fail("\n".join(bad.problems))


def run_on_database(work: Callable[[str], Awaitable[T]]) -> T:
    """Do something with the operator's database, brought to this program's schema first.

    Exits with status 1 and a message when there is none, it does not answer or it refuses.
    """
    database_url = settings_or_exit().database_url
    if database_url is None:
        fail(f"set {variable('database_url')} to the gateway's database (the demo prints its own)")

    async def migrated() -> T:
        await migrate(database_url)
        return await work(database_url)

    return run(migrated())


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run to the end; what can go wrong in the world becomes a message and status 1."""
    try:
        return asyncio.run(work)
    except Outage as outage:
        fail(why(outage))
    except (Refused, MigrationError) as error:
        fail(str(error))


def why(outage: Outage) -> str:
    """What to tell of an outage, with where to look when the database is the operator's own."""
    name = variable("database_url")
    if isinstance(outage, EmbeddedServerError) or not os.environ.get(name):
        return str(outage)
    return f"{outage}: is the server running that {name} names, and is the URL right?"


def fail(message: str) -> NoReturn:
    """Leave the program with a message and status 1."""
    typer.echo(message, err=True)
    raise typer.Exit(1)
