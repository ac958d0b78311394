"""``edi-gateway review``: the official record of a review, and what people add to it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import orjson
import typer

from gateway.cli.database import fail, run_on_database, settings_or_exit
from gateway.clock import system_clock
from gateway.configuration import configuration_of
from gateway.doors.reviews.telling import in_words
from gateway.exchange import local
from gateway.reviews.note import DocumentNote, Message, Note, find_note_faults
from gateway.store.calendars import read_calendar
from gateway.store.review_desk import ReviewRecord, Step, append_note, find_review
from rules.facts.service_hours import ServiceCalendar

Number = Annotated[
    str, typer.Argument(metavar="NUMBER", help="Administrative reference (R...) or certification number (A...).")
]
Author = Annotated[str, typer.Option("--by", help="Who notes it.")]


def message(
    number: Number,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What was said.")],
    author: Author,
    is_internal: Annotated[bool, typer.Option("--internal", help="The submitter is not to see it.")] = False,
) -> None:
    """Put a message on a review's record.

    Exit status: 0, or 1 when it cannot be put there.
    """
    _show(*put_on_record(number, author, Message(text, is_internal)))


def document(
    number: Number,
    author: Author,
    control_number: Annotated[str, typer.Option(help="Under which it was asked for (PWK06).")] = "",
    loinc: Annotated[str, typer.Option(help="What it is, as a LOINC code.")] = "",
    reference: Annotated[str, typer.Option(help="Under which it is kept.")] = "",
    received: Annotated[str, typer.Option(metavar="YYYY-MM-DD", help="When it came.  [today]")] = "",
) -> None:
    """Put on a review's record that a document has come: once all are in that were asked for, the decision is due.

    Exit status: 0, or 1 when it cannot be put there.
    """
    note = DocumentNote(reference, control_number, loinc, _day(received) if received else None)
    _show(*put_on_record(number, author, note))


def history(
    number: Number, as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False
) -> None:
    """Show everything on a review's record, from the first request on; no patient is named but in messages.

    Exit status: 0, or 1 when there is no such review.
    """
    payer_id = settings_or_exit().payer_id

    async def read(database_url: str) -> tuple[ReviewRecord | None, ServiceCalendar]:
        return await find_review(database_url, number), await read_calendar(database_url, payer_id)

    held, calendar = run_on_database(read)
    if held is None:
        fail("there is no such review")
    if as_json:
        typer.echo(orjson.dumps({"reference": held.administrative_reference, "history": list(_told(held))}))
    else:
        _show(held, calendar)


def put_on_record(number: str, author: str, note: Note) -> tuple[ReviewRecord, ServiceCalendar]:
    """The review with a note more, and the calendar; ends the command where the note cannot be put on record."""
    settings = settings_or_exit()
    faults = find_note_faults(note, local(system_clock(), configuration_of(settings).zone).date())
    if faults:
        fail("\n".join(faults))

    async def append(database_url: str) -> tuple[ReviewRecord, ServiceCalendar]:
        held = await append_note(database_url, number, author, note)
        return held, await read_calendar(database_url, settings.payer_id)

    return run_on_database(append)


def _show(held: ReviewRecord, calendar: ServiceCalendar) -> None:
    zone = ZoneInfo(calendar.zone)
    typer.echo(f"{held.administrative_reference}  submitter {held.submitter_id}")
    for step in held.history:
        typer.echo(f"{step.recorded_at.astimezone(zone):%Y-%m-%d %H:%M %Z}  {describe(step)}")


def describe(step: Step) -> str:
    """One event of the record in a line."""
    told = in_words(step.action) if step.action is not None else _note(step.note)
    return f"{step.kind} by {step.made_by}{': ' if told else ''}{told}"


def _note(note: Note | None) -> str:
    if note is None:
        return ""
    if isinstance(note, Message):
        return f"{note.text} (internal)" if note.is_internal else note.text
    parts = (
        ("control number", note.control_number),
        ("LOINC", note.loinc),
        ("reference", note.reference),
        ("received", "" if note.received_on is None else note.received_on.isoformat()),
    )
    return ", ".join(f"{name} {value}" for name, value in parts if value)


def _told(held: ReviewRecord) -> Iterator[dict[str, Any]]:
    for step in held.history:
        yield {"kind": step.kind, "by": step.made_by, "at": step.recorded_at.isoformat(), **_members(step)}


def _members(step: Step) -> dict[str, Any]:
    note = step.note
    if note is None:
        return {} if step.action is None else {"decision": in_words(step.action)}
    if isinstance(note, Message):
        return {"text": note.text, "internal": note.is_internal}
    told = {
        "reference": note.reference,
        "control_number": note.control_number,
        "loinc": note.loinc,
        "received_on": None if note.received_on is None else note.received_on.isoformat(),
    }
    return {name: value for name, value in told.items() if value}


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        fail(f"{text!r} is not a day; write 2026-11-21")
