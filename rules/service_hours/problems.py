"""What is wrong with a calendar: everything, so that it can be mended in one go. One with a problem is not used."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from itertools import combinations
from zoneinfo import ZoneInfo

from rules.facts.access import Function
from rules.facts.service_hours import Hours, Maintenance, MaintenanceKind, Mode, ServiceCalendar, SpecialDay, Weekday
from rules.service_hours.opening import routine_spans
from rules.service_hours.spans import span, subtract

_DAY = timedelta(days=1)
_WEEK = timedelta(days=7)
_WEEKDAYS = tuple(Weekday)


class CalendarFault(StrEnum):
    """What can be wrong with a calendar."""

    UNKNOWN_ZONE = "the zone is not an IANA time zone"
    TIME_WITH_ZONE = "a time of day carries a zone of its own"
    EMPTY_WINDOW = "the hours end before they begin, or at once"
    NO_DAYS = "no day of the week is named"
    NO_MODES = "neither real time nor batch is named"
    OVERLAPPING_WINDOWS = "the hours overlap others before them"
    HOLIDAY_TWICE = "the same day stands before it already"
    MOMENT_WITHOUT_ZONE = "a moment has no offset from UTC"
    MAINTENANCE_ENDS_FIRST = "the maintenance ends before it starts, or at once"
    MAINTENANCE_OUT_OF_WINDOW = "routine maintenance lies outside the times published for it"


@dataclass(frozen=True, slots=True)
class CalendarProblem:
    """One fault and where in the document it is, ``windows[1]``."""

    where: str
    fault: CalendarFault

    def __str__(self) -> str:
        return f"{self.where}: {self.fault}"


def find_problems(calendar: ServiceCalendar) -> tuple[CalendarProblem, ...]:
    """Every problem of a calendar; none for one that may be used."""
    zone = _zone(calendar.zone)
    found = [("zone", CalendarFault.UNKNOWN_ZONE)] if zone is None else []
    found += _window_faults(calendar)
    found += _overlaps(calendar)
    found += _special_day_faults(calendar.special_days)
    found += _maintenance_faults(calendar, zone)
    return tuple([CalendarProblem(where, fault) for where, fault in found])


def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


_Faults = Iterator[tuple[str, CalendarFault]]


def _window_faults(calendar: ServiceCalendar) -> _Faults:
    for number, window in enumerate(calendar.windows):
        where = f"windows[{number}]"
        yield from _hours_faults(where, window.hours)
        if not window.days:
            yield where, CalendarFault.NO_DAYS
        if not window.modes:
            yield where, CalendarFault.NO_MODES
    for number, published in enumerate(calendar.maintenance_windows):
        where = f"maintenance_windows[{number}]"
        yield from _hours_faults(where, published.hours)
        if not published.days:
            yield where, CalendarFault.NO_DAYS


def _hours_faults(where: str, hours: Hours) -> _Faults:
    if hours.opens.tzinfo is not None or hours.closes.tzinfo is not None:
        yield where, CalendarFault.TIME_WITH_ZONE
    elif hours.closes <= hours.opens and not hours.next_day:
        yield where, CalendarFault.EMPTY_WINDOW


def _overlaps(calendar: ServiceCalendar) -> _Faults:
    """Windows of one function and mode that share time of the week; told once, at the later one."""
    overlapping: set[int] = set()
    for function in Function:
        for mode in Mode:
            claims = [
                (number, *_claim(_WEEKDAYS.index(day), window.hours))
                for number, window in enumerate(calendar.windows)
                if window.function is function and mode in window.modes
                for day in window.days
            ]
            overlapping.update(later for (_, *one), (later, *other) in combinations(claims, 2) if _share(one, other))
    for number in sorted(overlapping):
        yield f"windows[{number}]", CalendarFault.OVERLAPPING_WINDOWS


def _claim(day: int, hours: Hours) -> tuple[timedelta, timedelta]:
    """Where hours that open on a day begin and end, counted from the midnight of day 0."""
    return day * _DAY + _since_midnight(hours.opens), (day + hours.next_day) * _DAY + _since_midnight(hours.closes)


def _since_midnight(of_day: time) -> timedelta:
    return timedelta(hours=of_day.hour, minutes=of_day.minute, seconds=of_day.second, microseconds=of_day.microsecond)


def _share(one: list[timedelta], other: list[timedelta]) -> bool:
    """Whether two claims meet, the week being a circle."""
    return any(one[0] < other[1] + turn and other[0] + turn < one[1] for turn in (-_WEEK, timedelta(), _WEEK))


def _special_day_faults(days: tuple[SpecialDay, ...]) -> _Faults:
    for number, special in enumerate(days):
        where = f"special_days[{number}]"
        hours = special.hours or ()
        for each in hours:
            yield from _hours_faults(where, each)
        if any(_share([*_claim(0, one)], [*_claim(0, other)]) for one, other in combinations(hours, 2)):
            yield where, CalendarFault.OVERLAPPING_WINDOWS
        if not special.modes:
            yield where, CalendarFault.NO_MODES
        if any(_same_day(earlier, special) for earlier in days[:number]):
            yield where, CalendarFault.HOLIDAY_TWICE


def _same_day(one: SpecialDay, other: SpecialDay) -> bool:
    meets_function = not one.functions or not other.functions or bool({*one.functions} & {*other.functions})
    return one.day == other.day and meets_function and bool({*one.modes} & {*other.modes})


def _maintenance_faults(calendar: ServiceCalendar, zone: ZoneInfo | None) -> _Faults:
    for number, maintenance in enumerate(calendar.maintenance):
        where = f"maintenance[{number}]"
        if not maintenance.modes:
            yield where, CalendarFault.NO_MODES
        if any(_is_naive(m) for m in (maintenance.starts, maintenance.ends, maintenance.declared_at)):
            yield where, CalendarFault.MOMENT_WITHOUT_ZONE
        elif maintenance.ends <= maintenance.starts:
            yield where, CalendarFault.MAINTENANCE_ENDS_FIRST
        elif zone is not None and _is_routine_elsewhere(calendar, maintenance):
            yield where, CalendarFault.MAINTENANCE_OUT_OF_WINDOW


def _is_routine_elsewhere(calendar: ServiceCalendar, maintenance: Maintenance) -> bool:
    return maintenance.kind is MaintenanceKind.ROUTINE and not is_within_routine(calendar, maintenance)


def _is_naive(moment: datetime) -> bool:
    return moment.utcoffset() is None


def is_within_routine(calendar: ServiceCalendar, maintenance: Maintenance) -> bool:
    """Whether all of a maintenance lies in the times published for routine maintenance."""
    whole = span(maintenance.starts, maintenance.ends)
    return not subtract((whole,), routine_spans(calendar, whole))
