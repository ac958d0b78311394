"""Service hours as they are told: what holds at a moment, the days ahead, how a week went."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from rules.facts import Function
from rules.facts.service_hours import Mode, ServiceCalendar
from rules.service_hours import Availability, Span, Status, open_spans, span, status, weekly_availability

DAYS_TOLD = 7
_DAY = timedelta(days=1)
_SUNDAY = 6
"""Of ``date.weekday``."""


@dataclass(frozen=True, slots=True)
class DayHours:
    """When functions can be used on a day of the calendar's zone."""

    day: date
    functions: dict[Function, tuple[Span, ...]]
    """Those that are not always open."""
    notes: tuple[str, ...]
    """Names of special days and reasons of maintenance."""


def statuses(calendar: ServiceCalendar, moment: datetime, mode: Mode = Mode.REAL_TIME) -> dict[Function, Status]:
    """What holds for each function at ``moment``."""
    return {function: status(calendar, function, moment, mode) for function in Function}


def tell_hours(calendar: ServiceCalendar, moment: datetime, mode: Mode = Mode.REAL_TIME) -> dict[str, object]:
    """The same for JSON, with the days ahead; all moments in ISO 8601 with the offset of the calendar's zone."""
    zone = ZoneInfo(calendar.zone)
    return {
        "at": moment.astimezone(zone).isoformat(),
        "zone": calendar.zone,
        "mode": mode.value,
        "functions": {name.value: _tell_status(each) for name, each in statuses(calendar, moment, mode).items()},
        "held_in_batch": [function.value for function in calendar.held_in_batch],
        "days": [_tell_day(each, zone) for each in days_ahead(calendar, moment, mode)],
        "maintenance": [
            {
                "starts": each.starts.astimezone(zone).isoformat(),
                "ends": each.ends.astimezone(zone).isoformat(),
                "reason": each.reason,
                "kind": each.kind.value,
                "functions": [function.value for function in each.functions or Function],
                "modes": [each_mode.value for each_mode in each.modes],
            }
            for each in calendar.maintenance
            if each.ends > moment
        ],
    }


def days_ahead(calendar: ServiceCalendar, moment: datetime, mode: Mode = Mode.REAL_TIME) -> tuple[DayHours, ...]:
    """The day of ``moment`` and the six after it."""
    today = moment.astimezone(ZoneInfo(calendar.zone)).date()
    return tuple([_day_hours(calendar, today + number * _DAY, mode) for number in range(DAYS_TOLD)])


def last_sunday(calendar: ServiceCalendar, moment: datetime) -> date:
    """The day on which the week of ``moment`` began: the operating rules' weeks begin on Sunday."""
    today = moment.astimezone(ZoneInfo(calendar.zone)).date()
    return today - (today.weekday() - _SUNDAY) % 7 * _DAY


def week_availability(calendar: ServiceCalendar, sunday: date, mode: Mode) -> dict[Function, Availability]:
    """How much of the week that begins on ``sunday`` each function can be used, by what is declared."""
    return {function: weekly_availability(calendar, function, mode, sunday) for function in Function}


def tell_week(calendar: ServiceCalendar, sunday: date, mode: Mode) -> dict[str, object]:
    """The same for JSON: hours, and shares rounded down to four places, against those of the operating rules."""
    return {
        "week": sunday.isoformat(),
        "zone": calendar.zone,
        "mode": mode.value,
        "functions": {
            function.value: {
                "published_hours": _hours(each.published),
                "up_hours": _hours(each.up),
                "of_published": float(each.of_published),
                "of_week": float(each.of_week),
                "meets_86_percent": each.meets_mandated,
                "meets_90_percent": each.meets_updated,
            }
            for function, each in week_availability(calendar, sunday, mode).items()
        },
    }


def clock(moment: datetime, zone: ZoneInfo, day: date) -> str:
    """A time of a day, 24:00 for the midnight that ends it."""
    local = moment.astimezone(zone)
    return "24:00" if local.date() > day else f"{local:%H:%M}"


def _day_hours(calendar: ServiceCalendar, day: date, mode: Mode) -> DayHours:
    zone = ZoneInfo(calendar.zone)
    whole = span(datetime.combine(day, time(), zone), datetime.combine(day + _DAY, time(), zone))
    spans = {function: open_spans(calendar, function, whole, mode) for function in Function}
    names = [special.name for special in calendar.special_days if special.day == day]
    reasons = [each.reason for each in calendar.maintenance if each.starts < whole.ends and each.ends > whole.starts]
    return DayHours(
        day,
        {function: each for function, each in spans.items() if each != (whole,)},
        tuple(dict.fromkeys([*names, *reasons])),
    )


def _tell_status(told: Status) -> dict[str, object]:
    return {
        "open": told.open,
        "reason": told.reason.value,
        "changes_at": None if told.changes_at is None else told.changes_at.isoformat(),
        "detail": told.detail,
    }


def _hours(length: timedelta) -> float:
    return round(length / timedelta(hours=1), 4)


def _tell_day(told: DayHours, zone: ZoneInfo) -> dict[str, object]:
    return {
        "day": told.day.isoformat(),
        "hours": {
            function.value: [
                {"opens": each.starts.astimezone(zone).isoformat(), "closes": each.ends.astimezone(zone).isoformat()}
                for each in spans
            ]
            for function, spans in told.functions.items()
        },
        "notes": list(told.notes),
    }
