"""``edi-gateway ask``: what a submitter would be answered, also at an earlier moment; nothing is recorded or sent."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.database import fail, run_on_database, settings_or_exit
from gateway.clock import system_clock
from gateway.configuration import configuration_of
from gateway.drafting import Draft
from gateway.explaining.explainer import Explainer
from gateway.store.records import open_records

CONTROL_NUMBER = 1
"""Of an answer that nobody is sent."""


def ask(
    file: Annotated[str, typer.Argument(metavar="FILE", help="X12 file; - is the standard input.")],
    as_of: Annotated[
        str, typer.Option("--as-of", metavar="MOMENT", help="On what was known then: ISO 8601, UTC without an offset.")
    ] = "",
    at: Annotated[
        str,
        typer.Option("--at", metavar="MOMENT", help="Asked at this moment, which decides what today is; as --as-of."),
    ] = "",
) -> None:
    """Print what the sender of an interchange would be answered, on what the payer knew at an earlier moment.

    For operators: the sender's credential is not asked for, and the answer is neither recorded nor sent.
    """
    configuration = configuration_of(settings_or_exit())
    known_at = _moment("--as-of", as_of) or system_clock()
    moment = _moment("--at", at) or known_at
    data = _read(file)

    async def asked(database_url: str) -> Draft | None:
        async with open_records(database_url) as records:
            return await Explainer(records).answer_as_of(data, configuration, known_at, moment)

    draft = run_on_database(asked)
    if draft is None:
        fail("the sender of this interchange (ISA05, ISA06) is no submitter")
    body = draft.write(CONTROL_NUMBER).decode("ascii")
    typer.echo(body.replace("~", "~\n") if sys.stdout.isatty() else body, nl=False)


def _moment(option: str, text: str) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        fail(f"{option}: give a moment such as 2026-11-21T13:30:00-05:00")
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def _read(file: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        fail(f"{file}: {error.strerror}")
