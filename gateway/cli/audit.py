"""``edi-gateway audit``: what is kept of answers, and for how long."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer

from gateway.cli.database import run_on_database
from gateway.clock import system_clock
from gateway.store.forgetting import forget_inquiries

audit_commands = typer.Typer(no_args_is_help=True, help="What is kept of answers, and for how long.")


@audit_commands.callback()
def _audit() -> None:
    """What is kept of answers, and for how long."""


@audit_commands.command("prune")
def prune(
    days: Annotated[
        int,
        typer.Option("--older-than", metavar="DAYS", min=1, max=36_500, help="Those that came before that."),
    ],
) -> None:
    """Give up inquiries that are kept beside the audit, which say whom they were about, and the facts under them.

    The audit's records stay: when what was answered to whom, by which versions of which facts. What has been given up
    cannot be explained any more.
    """
    before = system_clock() - timedelta(days=days)
    forgotten = run_on_database(lambda database_url: forget_inquiries(database_url, before))
    typer.echo(f"gave up {forgotten.inquiries:,} inquiries and {forgotten.facts:,} past facts; their records stay")
