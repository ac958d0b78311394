"""``edi-gateway explain``: why an answer was what it was, for people and for programs."""

from __future__ import annotations

from typing import Annotated

import msgspec
import typer
from rich.console import Console

from gateway.cli.database import fail, run_on_database
from gateway.cli.explain_output import show
from gateway.explaining.explainer import Explainer
from gateway.explaining.explanation import Explanation
from gateway.store.records import InquiryForgotten, open_records


def explain(
    number: Annotated[
        str,
        typer.Argument(
            metavar="TRACE",
            help="The answer's trace number (TRN02), or with --submitter its interchange control number (ISA13).",
        ),
    ],
    submitter: Annotated[str, typer.Option(help="Only an answer to this submitter.", show_default=False)] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    unmasked: Annotated[
        bool, typer.Option("--unmasked", help="Show names, ids and birth dates, and the answer itself.")
    ] = False,
) -> None:
    """Say why an answer was what it was: who asked, who was meant, and the rule behind every line.

    The answer is computed again from what was on record when it was given.

    Exit status: 0 when it is explained, 1 when there is no such answer, or its inquiry is not kept any more.
    """

    async def explained(database_url: str) -> Explanation | None:
        async with open_records(database_url) as records:
            return await Explainer(records).explain(number, submitter or None, unmasked=unmasked)

    try:
        explanation = run_on_database(explained)
    except InquiryForgotten as forgotten:
        fail(str(forgotten))
    if explanation is None:
        fail("no answer has this number; an interchange control number (nine digits) needs --submitter")
    if as_json:
        typer.echo(msgspec.json.encode(explanation))
    else:
        show(explanation, Console(soft_wrap=True, highlight=False))
