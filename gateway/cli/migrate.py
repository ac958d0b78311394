"""``edi-gateway migrate``: the database is brought to this program's schema, by its owner."""

from typing import Annotated

import typer

from gateway.cli.database import fail, run, settings_or_exit
from gateway.settings import variable
from gateway.store import migrating
from gateway.store.granting import grant_serving


def migrate(
    grant_to: Annotated[
        str | None,
        typer.Option(
            metavar="ROLE",
            help="Let this role do what `serve` needs and no more: it adds to the records of reviews and answers and "
            "can neither change nor delete what is in them. To be granted again after each migration.",
        ),
    ] = None,
) -> None:
    """Bring the database of EDI_GATEWAY_DATABASE_URL to this program's schema, as the schema's owner.

    Every other command does so where it may. Where `serve` runs under a role that owns nothing, this comes first:
    CREATE ROLE gateway LOGIN PASSWORD '...', then `edi-gateway migrate --grant-to gateway`.

    Exit status: 0, or 1 when the store does not answer or refuses; then nothing is changed.
    """
    database_url = settings_or_exit().database_url
    if database_url is None:
        fail(f"set {variable('database_url')} to the database, with the owner of its schema as the user")
    run(_migrate(database_url, grant_to))


async def _migrate(database_url: str, grant_to: str | None) -> None:
    applied = await migrating.migrate(database_url)
    typer.echo("\n".join(f"applied {name}" for name in applied) or "the schema is this program's already")
    if grant_to is not None:
        await grant_serving(database_url, grant_to)
        typer.echo(f"{grant_to} may serve")
