"""``edi-gateway hours``: when functions can be used, and what an operator declares about that."""

from __future__ import annotations

import sys
from dataclasses import asdict, replace
from datetime import date, datetime, time
from typing import Annotated
from zoneinfo import ZoneInfo

import orjson
import typer

from gateway.cli.database import fail, run_on_database, settings_or_exit
from gateway.cli.hours_output import show_hours, show_week
from gateway.cli.terminal import visible
from gateway.clock import system_clock
from gateway.hours.calendar_file import NotACalendar, parse_calendar, write_calendar
from gateway.hours.report import last_sunday, tell_hours, tell_week
from gateway.store.calendars import Change, change_calendar, read_calendar
from gateway.store.database import Refused
from gateway.store.held_requests import WaitingRequest, open_held_requests
from rules.facts import Function
from rules.facts.service_hours import (
    ANY_MODE,
    Hours,
    Maintenance,
    MaintenanceKind,
    Mode,
    ServiceCalendar,
    SpecialDay,
)

hours_commands = typer.Typer(help="Service hours: show them, declare maintenance and days that differ.")

_MOMENT_HELP = "ISO 8601; without an offset in the calendar's own time zone."
ModeOption = Annotated[Mode, typer.Option("--mode", help="How inquiries reach us.")]
FunctionsOption = Annotated[
    list[Function] | None, typer.Option("--function", help="A function that it is about; may be repeated.  [all]")
]
ModesOption = Annotated[list[Mode] | None, typer.Option("--mode", help="Real time or batch alone.  [both]")]
Day = Annotated[str, typer.Argument(metavar="DAY", help="YYYY-MM-DD")]


@hours_commands.callback(invoke_without_command=True)
def hours(
    context: typer.Context,
    at: Annotated[str | None, typer.Option(metavar="MOMENT", help=f"{_MOMENT_HELP}  [now]")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    week: Annotated[bool, typer.Option("--week", help="Availability of the week, Sunday to Saturday.")] = False,
    mode: ModeOption = Mode.REAL_TIME,
) -> None:
    """Show what is open, why, when that changes, and the week ahead.

    Exit status: 0, or 1 when the store does not answer or refuses a change; then nothing is changed.
    """
    if context.invoked_subcommand is not None:
        return
    payer_id = settings_or_exit().payer_id
    calendar = run_on_database(lambda database_url: read_calendar(database_url, payer_id))
    moment = system_clock() if at is None else _moment(at, calendar)
    sunday = last_sunday(calendar, moment)
    if as_json:
        told = tell_week(calendar, sunday, mode) if week else tell_hours(calendar, moment, mode)
        sys.stdout.write(orjson.dumps(told, option=orjson.OPT_INDENT_2).decode() + "\n")
    elif week:
        typer.echo(show_week(calendar, sunday, mode))
    else:
        typer.echo(show_hours(calendar, moment, mode))


@hours_commands.command("declare-maintenance")
def declare_maintenance(
    starts: Annotated[str, typer.Argument(metavar="STARTS", help=_MOMENT_HELP)],
    ends: Annotated[str, typer.Argument(metavar="ENDS", help="Not included; as STARTS.")],
    reason: Annotated[str, typer.Option(help="For partners.")],
    kind: Annotated[MaintenanceKind, typer.Option(help="What partners were promised.")] = MaintenanceKind.NON_ROUTINE,
    functions: FunctionsOption = None,
    modes: ModesOption = None,
) -> None:
    """Declare downtime; it counts from the next answer on."""
    declared_at = system_clock()

    def change(calendar: ServiceCalendar) -> ServiceCalendar:
        declared = Maintenance(
            starts=_moment(starts, calendar),
            ends=_moment(ends, calendar),
            reason=reason,
            kind=kind,
            declared_at=declared_at,
            functions=tuple(functions or ()),
            modes=tuple(modes or ANY_MODE),
        )
        return replace(calendar, maintenance=(*calendar.maintenance, declared))

    _change(change)


@hours_commands.command("withdraw-maintenance")
def withdraw_maintenance(starts: Annotated[str, typer.Argument(metavar="STARTS", help="As it was declared.")]) -> None:
    """Withdraw the maintenance that starts at a moment."""

    def change(calendar: ServiceCalendar) -> ServiceCalendar:
        moment = _moment(starts, calendar)
        left = tuple(each for each in calendar.maintenance if each.starts != moment)
        if len(left) == len(calendar.maintenance):
            raise Refused("no maintenance is declared that starts then")
        return replace(calendar, maintenance=left)

    _change(change)


@hours_commands.command("declare-day")
def declare_day(
    day: Day,
    name: Annotated[str, typer.Argument(metavar="NAME", help="For people: THANKSGIVING.")],
    opening: Annotated[
        list[str] | None,
        typer.Option("--open", metavar="HH:MM-HH:MM", help="Hours instead of the usual ones; may be repeated.  [none]"),
    ] = None,
    usual_hours: Annotated[
        bool, typer.Option("--usual-hours", help="The hours stay; only no business is done.")
    ] = False,
    business_day: Annotated[bool, typer.Option("--business-day", help="It counts among business days.")] = False,
    functions: FunctionsOption = None,
    modes: ModesOption = None,
) -> None:
    """Declare a holiday, or a day of other hours."""
    special = SpecialDay(
        day=_day(day),
        name=name,
        hours=None if usual_hours else tuple(map(_hours, opening or ())),
        is_business_day=business_day,
        functions=tuple(functions or ()),
        modes=tuple(modes or ANY_MODE),
    )
    _change(lambda calendar: replace(calendar, special_days=(*calendar.special_days, special)))


@hours_commands.command("withdraw-day")
def withdraw_day(day: Day) -> None:
    """Let a day be as any other again."""
    withdrawn = _day(day)

    def change(calendar: ServiceCalendar) -> ServiceCalendar:
        left = tuple(each for each in calendar.special_days if each.day != withdrawn)
        if len(left) == len(calendar.special_days):
            raise Refused("nothing is declared for that day")
        return replace(calendar, special_days=left)

    _change(change)


@hours_commands.command("batch")
def batch(
    function: Annotated[Function, typer.Argument(help="Whose requests it is about.")],
    hold: Annotated[bool, typer.Option("--hold/--refuse", help="Wait for the opening, or be refused as in real time.")],
) -> None:
    """Choose what becomes of the requests of a batch that come while a function is closed."""

    def change(calendar: ServiceCalendar) -> ServiceCalendar:
        others = tuple(each for each in calendar.held_in_batch if each is not function)
        return replace(calendar, held_in_batch=(*others, function) if hold else others)

    _change(change)


@hours_commands.command("export")
def export_calendar() -> None:
    """Print the whole calendar as JSON, as `replace` takes it: zone, weekly windows, days and maintenance."""
    payer_id = settings_or_exit().payer_id
    calendar = run_on_database(lambda database_url: read_calendar(database_url, payer_id))
    sys.stdout.write(write_calendar(calendar))


@hours_commands.command("replace")
def replace_calendar(
    file: Annotated[typer.FileBinaryRead, typer.Argument(metavar="FILE", help="JSON; - for standard input.")],
) -> None:
    """Put another calendar in place; one that cannot be used is refused with all that is wrong with it."""
    try:
        calendar = parse_calendar(file.read())
    except NotACalendar as error:
        fail(str(error))
    _change(lambda _: calendar)


@hours_commands.command("held")
def held(
    most: Annotated[int, typer.Option(min=1, help="So many at most.")] = 100,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """List the requests of batches that wait until their function opens, the first to be answered in front."""
    payer_id = settings_or_exit().payer_id

    async def read(database_url: str) -> tuple[tuple[WaitingRequest, ...], ServiceCalendar]:
        async with open_held_requests(database_url) as register:
            return await register.first_waiting(most), await read_calendar(database_url, payer_id)

    waiting, calendar = run_on_database(read)
    if as_json:
        sys.stdout.write(orjson.dumps([asdict(each) for each in waiting]).decode() + "\n")
        return
    zone = ZoneInfo(calendar.zone)
    for each in waiting:
        received_at, opens_at = each.received_at.astimezone(zone), each.opens_at.astimezone(zone)
        typer.echo(
            f"{each.submitter_id}  {visible(each.reference)}  received {received_at:%Y-%m-%d %H:%M %Z}  "
            f"opens {opens_at:%Y-%m-%d %H:%M %Z}"
        )


def _change(change: Change) -> None:
    """Change the calendar of the operator's payer, and show what holds then."""
    payer_id = settings_or_exit().payer_id
    changed = run_on_database(lambda database_url: change_calendar(database_url, payer_id, change))
    typer.echo(show_hours(changed, system_clock(), Mode.REAL_TIME))


def _moment(text: str, calendar: ServiceCalendar) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        fail(f"{text!r} is not a moment; write 2026-11-22T01:00 or 2026-11-22T01:00-05:00")
    return moment if moment.utcoffset() is not None else moment.replace(tzinfo=ZoneInfo(calendar.zone))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        fail(f"{text!r} is not a day; write 2026-11-26")


def _hours(text: str) -> Hours:
    """``08:00-12:00``; a closing time that is not after the opening one is of the next day."""
    opens, _, closes = text.partition("-")
    try:
        first, last = time.fromisoformat(opens), time.fromisoformat(closes)
    except ValueError:
        fail(f"{text!r} are not hours; write 08:00-12:00")
    return Hours(first, last, next_day=last <= first)
