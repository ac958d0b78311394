"""``edi-gateway serve``: the gateway, set up by its environment."""

import asyncio
import signal
from dataclasses import replace
from typing import Annotated

import typer

from edi.errors import Outage
from gateway.cli.database import fail, settings_or_exit, why
from gateway.logs import set_up_logs
from gateway.server import CannotServe, own_or_embedded_servers, run
from gateway.store.migrating import MigrationError, migrate


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.  [EDI_GATEWAY_HOST, 127.0.0.1]")] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65_535, help="Port; 0 takes a free one.  [EDI_GATEWAY_PORT, 8270]")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, max=256, help="Processes that answer.  [EDI_GATEWAY_WORKERS, 1]")
    ] = None,
) -> None:
    """Answer inquiries over HTTP until SIGTERM or Ctrl-C.

    EDI_GATEWAY_DATABASE_URL and EDI_GATEWAY_REDIS_URL name your own PostgreSQL and Redis or Valkey; without one of
    them it is started, with its data in EDI_GATEWAY_DATA. EDI_GATEWAY_PROFILE names a TOML file with what a payer may
    switch, EDI_GATEWAY_STATUS_CODES your list of claim status codes (X12 list 508), where it is newer than the one that
    the program carries: a line "version", a tab and its name, then for each code a line with code, tab and meaning.

    Exit status: 0 when told to stop, 1 when the settings are bad or it cannot start.
    """
    options = {"host": host, "port": port, "workers": workers}
    settings = replace(settings_or_exit(), **{name: value for name, value in options.items() if value is not None})  # type: ignore[arg-type]
    set_up_logs(settings.log_level)
    # Until the gateway itself listens to signals, SIGTERM stops as Ctrl-C does: what was started is ended first. SIGINT
    # may be ignored when a shell has started us in the background, and the gateway will not ignore it either.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    try:
        with own_or_embedded_servers(settings) as complete:
            asyncio.run(migrate(complete.settings.database_url or ""))
            run(complete, lambda url: typer.echo(f"edi-gateway answers at {url}", err=True))
    except KeyboardInterrupt:
        return
    except Outage as outage:
        fail(why(outage))
    except (CannotServe, MigrationError) as failure:
        fail(str(failure))
