"""What commands that change the store have in common: which database, and how failures are told."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, NoReturn, TypeVar

import typer

from edi.errors import Outage
from gateway.settings import BadSettings, Settings, read_settings, variable
from gateway.store.administration import Refused
from gateway.store.migrating import MigrationError, migrate

T = TypeVar("T")


def settings_or_exit() -> Settings:
    """The settings of the environment; exits with their problems when some cannot be used."""
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
    except (Outage, Refused, MigrationError) as error:
        fail(str(error))


def fail(message: str) -> NoReturn:
    """Leave the program with a message and status 1."""
    typer.echo(message, err=True)
    raise typer.Exit(1)
