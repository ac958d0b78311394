"""Service hours for people at a terminal."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from gateway.hours.report import DayHours, clock, days_ahead, statuses, week_availability
from rules.facts import Function
from rules.facts.service_hours import Mode, ServiceCalendar
from rules.service_hours import Availability, Span, Status

_NAME_WIDTH = max(len(function) for function in Function) + 2
_YES_NO = {True: "yes", False: "no"}


def show_hours(calendar: ServiceCalendar, moment: datetime, mode: Mode) -> str:
    """What holds at a moment, and the days ahead."""
    zone = ZoneInfo(calendar.zone)
    lines = [f"{_moment(moment, zone)} ({calendar.zone}), {mode.value}", ""]
    lines += [_status(function, each, zone) for function, each in statuses(calendar, moment, mode).items()]
    lines += ["", "The week ahead; what is not named is open all day:"]
    lines += [line for each in days_ahead(calendar, moment, mode) for line in _day(each, zone)]
    declared = [each for each in calendar.maintenance if each.ends > moment]
    if declared:
        lines += ["", "Declared maintenance:"]
    lines += [
        f"  {_moment(each.starts, zone)} to {_moment(each.ends, zone)}: {each.reason} "
        f"({each.kind.value}, {', '.join(each.functions) or 'all functions'})"
        for each in declared
    ]
    return "\n".join(lines)


def show_week(calendar: ServiceCalendar, sunday: date, mode: Mode) -> str:
    """The availability of a week against the published hours, and CORE's 86 and 90 % of the week."""
    heading = f"{'':{_NAME_WIDTH}}{'of hours':>10}{'of week':>10}{'86 %':>7}{'90 %':>7}"
    lines = [f"Week of {sunday:%A %-d %B %Y}, {mode.value}, conforming downtime excluded", heading]
    lines += [_availability(function, each) for function, each in week_availability(calendar, sunday, mode).items()]
    return "\n".join(lines)


def _moment(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%a %-d %b %Y %H:%M %Z}"


def _status(function: Function, told: Status, zone: ZoneInfo) -> str:
    state = "open" if told.open else "closed"
    reason = f"{told.reason.value}: {told.detail}" if told.detail else told.reason.value
    change = ""
    if told.changes_at is not None:
        change = f"; {'closes' if told.open else 'opens'} {_moment(told.changes_at, zone)}"
    return f"  {function.value:{_NAME_WIDTH}}{state:8}{reason}{change}"


def _day(told: DayHours, zone: ZoneInfo) -> list[str]:
    notes = f"  ({', '.join(told.notes)})" if told.notes else ""
    return [
        f"  {told.day:%a %-d %b}{notes}",
        *[
            f"    {function.value:{_NAME_WIDTH}}{_spans(spans, zone, told.day)}"
            for function, spans in told.functions.items()
        ],
    ]


def _spans(spans: tuple[Span, ...], zone: ZoneInfo, day: date) -> str:
    return ", ".join(f"{clock(each.starts, zone, day)}-{clock(each.ends, zone, day)}" for each in spans) or "closed"


def _availability(function: Function, told: Availability) -> str:
    met = (_YES_NO[told.meets_mandated], _YES_NO[told.meets_updated])
    shares = (_percent(told.of_published), _percent(told.of_week))
    return f"{function.value:{_NAME_WIDTH}}{shares[0]:>10}{shares[1]:>10}{met[0]:>7}{met[1]:>7}"


def _percent(share: Decimal) -> str:
    return f"{share * 100:.2f} %"
