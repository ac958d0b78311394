"""``edi-gateway review``: pended reviews, for those who decide them."""

from __future__ import annotations

import sys
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated
from zoneinfo import ZoneInfo

import msgspec
import typer

from gateway.cli.database import fail, run_on_database, settings_or_exit
from gateway.cli.review_record import describe, document, history, message, put_on_record
from gateway.clock import system_clock
from gateway.configuration import configuration_of
from gateway.doors.reviews.telling import in_words, tell_file, tell_standing, tell_waiting
from gateway.reviews.desk import due, verdict_on
from gateway.reviews.note import DocumentNote
from gateway.reviews.office import Standing
from gateway.store.calendars import read_calendar
from gateway.store.review_desk import ReviewRecord, append_decision, find_review, waiting_reviews
from rules.facts.reviews import Outcome, Ruling, WantedDocument
from rules.facts.service_hours import ServiceCalendar
from rules.reviews import DueTimes, Verdict

review_commands = typer.Typer(no_args_is_help=True, help="Reviews (278): what waits, and a reviewer's decisions.")

Number = Annotated[
    str, typer.Argument(metavar="NUMBER", help="Administrative reference (R...) or certification number (A...).")
]
AsJson = Annotated[bool, typer.Option("--json", help="For programs, as GET /v1/reviews tells it.")]


@review_commands.command("list")
def list_reviews(as_json: AsJson = False) -> None:
    """List the reviews that wait for a decision, those due first in front; no patient is named."""
    payer_id = settings_or_exit().payer_id

    async def read(database_url: str) -> tuple[list[Standing], ServiceCalendar]:
        calendar = await read_calendar(database_url, payer_id)
        return [Standing(held, due(held, calendar)) async for held in waiting_reviews(database_url)], calendar

    found, calendar = run_on_database(read)
    now = system_clock()
    waiting = sorted(found, key=lambda standing: (_next_due(standing), standing.record.review_id))
    if as_json:
        _write_json([tell_waiting(standing, now) for standing in waiting])
        return
    for standing in waiting:
        held, due_at = standing.record, _next_due(standing)
        typer.echo(
            f"{held.administrative_reference}  {held.submitter_id}  "
            f"received {_moment(held.received_at, calendar)}  due {_moment(due_at, calendar)}{_late(due_at, now)}"
        )
    typer.echo(f"{len(waiting)} waiting", err=True)


def _next_due(standing: Standing) -> datetime:
    """Of a review that waits; when it came, should it not wait any more."""
    return standing.record.received_at if standing.due is None else standing.due.next


@review_commands.command("show")
def show_review(
    number: Number,
    request: Annotated[
        bool, typer.Option("--answer", help="With the answer on file, which names the patient.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show a review: how it stands, its history, and when what is due."""
    payer_id = settings_or_exit().payer_id

    async def read(database_url: str) -> tuple[ReviewRecord | None, ServiceCalendar]:
        return await find_review(database_url, number), await read_calendar(database_url, payer_id)

    held, calendar = run_on_database(read)
    if held is None:
        fail("there is no such review")
    if as_json:
        standing = Standing(held, due(held, calendar))
        _write_json(tell_file(standing) if request else tell_standing(standing))
        return
    typer.echo("\n".join(_shown(held, calendar)))
    if request:
        typer.echo("\n".join(each.replace("\x1d", "*").replace("\x1f", ":") for each in held.decision.segments))


@review_commands.command("decide")
def decide(
    number: Number,
    outcome: Annotated[Outcome, typer.Argument(help="About everything that is pended, but for --service.")],
    reviewer: Annotated[str, typer.Option("--by", help="Who decides.")],
    reasons: Annotated[
        list[str] | None, typer.Option("--reason", metavar="CODE", help="Decision reason (HCR03); may be repeated.")
    ] = None,
    message: Annotated[str, typer.Option(help="For the submitter.")] = "",
    quantity: Annotated[str | None, typer.Option(help="What is granted, of a modified certification.")] = None,
    days_valid: Annotated[int | None, typer.Option(min=0, help="For how long a certification holds.")] = None,
    documents: Annotated[
        list[str] | None,
        typer.Option("--document", metavar="TYPE[:HOW]", help="Asked for (PWK01 and PWK02: OB:EL); may be repeated."),
    ] = None,
    second_opinion: Annotated[
        bool | None, typer.Option("--second-opinion/--no-second-opinion", help="Whether one is needed.")
    ] = None,
    services: Annotated[
        list[int] | None,
        typer.Option("--service", min=1, help="Decide this service alone, counted from 1; may be repeated.  [all]"),
    ] = None,
) -> None:
    """Decide a pended review; the submitter gets it by asking again under the same trace.

    Exit status: 0, or 1 when the decision cannot be taken; then nothing is changed.
    """
    settings = settings_or_exit()
    configuration = configuration_of(settings)
    ruling = Ruling(
        outcome,
        reasons=tuple(reasons or ()),
        message=message,
        days_valid=days_valid,
        quantity_max=None if quantity is None else _quantity(quantity),
        documents=tuple(map(_document, documents or ())),
        second_opinion=second_opinion,
    )
    verdict = Verdict(services={each - 1: ruling for each in services}) if services else Verdict(event=ruling)
    made = verdict_on(verdict, reviewer, configuration.profile, configuration.zone, system_clock())

    async def append(database_url: str) -> tuple[ReviewRecord, ServiceCalendar]:
        held = await append_decision(database_url, number, reviewer, made)
        return held, await read_calendar(database_url, settings.payer_id)

    held, calendar = run_on_database(append)
    typer.echo("\n".join(_shown(held, calendar)))


@review_commands.command("received")
def received(
    number: Number,
    reference: Annotated[str, typer.Argument(metavar="REFERENCE", help="Under which the documents are kept.")],
    reviewer: Annotated[str, typer.Option("--by", help="Who notes it.")],
) -> None:
    """Note that the documents that were asked for have come: from then on the decision is due."""
    held, calendar = put_on_record(number, reviewer, DocumentNote(reference))
    typer.echo("\n".join(_shown(held, calendar)))


def _shown(held: ReviewRecord, calendar: ServiceCalendar) -> list[str]:
    decision = held.decision
    state = "cancelled" if held.is_cancelled else in_words(decision.action)
    lines = [f"{held.administrative_reference}  {state}  {decision.number}".rstrip(), f"submitter {held.submitter_id}"]
    lines += [f"{_moment(step.recorded_at, calendar)}  {describe(step)}" for step in held.history]
    due_at = due(held, calendar)
    return lines if due_at is None else lines + _due(due_at, calendar)


def _due(due_at: DueTimes, calendar: ServiceCalendar) -> list[str]:
    rows = (
        ("documents asked for (CORE)", due_at.ask),
        ("decision (CMS-0057-F)", due_at.decision),
        ("decision after documents (CORE)", due_at.after_documents),
        ("may be closed (CORE)", due_at.close),
    )
    return [f"due {_moment(moment, calendar)}  {what}" for what, moment in rows if moment is not None]


def _write_json(told: object) -> None:
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(told), indent=2).decode() + "\n")


def _late(due_at: datetime, now: datetime) -> str:
    return "  OVERDUE" if due_at < now else ""


def _moment(moment: datetime, calendar: ServiceCalendar) -> str:
    return f"{moment.astimezone(ZoneInfo(calendar.zone)):%Y-%m-%d %H:%M %Z}"


def _document(text: str) -> WantedDocument:
    """``OB`` or ``OB:EL``."""
    report_type, _, transmission = text.partition(":")
    return WantedDocument(report_type, transmission) if transmission else WantedDocument(report_type)


def _quantity(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        fail(f"{text!r} is not a quantity")


for added in (history, message, document):
    review_commands.command()(added)
