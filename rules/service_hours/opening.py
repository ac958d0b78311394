"""Whether a function can be used at a moment, why, and when that changes.

The moment is that of receipt: what arrived in time is answered, however late the answer leaves.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from rules.facts.access import Function
from rules.facts.service_hours import ALL_DAY, Hours, Maintenance, Mode, ServiceCalendar, SpecialDay, Weekday
from rules.service_hours.spans import Span, clip, merge, span, subtract

_DAY = timedelta(days=1)
_WEEKDAYS = tuple(Weekday)
_HORIZONS = (timedelta(days=2), timedelta(days=16), timedelta(days=512))
"""How far ahead the next change is looked for, each tried when the one before it was not enough."""


class StatusReason(StrEnum):
    """Why a function is open or closed."""

    ALWAYS_OPEN = "always open"
    WITHIN_HOURS = "within service hours"
    OUTSIDE_HOURS = "outside service hours"
    SPECIAL_DAY = "holiday or special hours"
    MAINTENANCE = "maintenance"


@dataclass(frozen=True, slots=True)
class Status:
    """What holds for one function and mode at one moment."""

    open: bool
    reason: StatusReason
    changes_at: datetime | None
    """When it closes, or opens, next, in the calendar's zone; None: not within the next 512 days."""
    detail: str = ""
    """The special day's name or the maintenance's reason."""


def status(calendar: ServiceCalendar, function: Function, moment: datetime, mode: Mode = Mode.REAL_TIME) -> Status:
    """Whether ``function`` is open at ``moment``. Maintenance wins over hours while it is declared.

    Args:
        calendar: one in which ``find_problems`` finds none.
        moment: aware.
    """
    is_open, changes_at = _outlook(calendar, function, moment, mode)
    reason, detail = _explain(calendar, function, moment, mode, is_open=is_open)
    zone = ZoneInfo(calendar.zone)
    return Status(is_open, reason, None if changes_at is None else changes_at.astimezone(zone), detail)


def next_open(
    calendar: ServiceCalendar, function: Function, moment: datetime, mode: Mode = Mode.REAL_TIME
) -> datetime | None:
    """The first moment from ``moment`` on at which the function is open; None: not within the next 512 days."""
    is_open, changes_at = _outlook(calendar, function, moment, mode)
    opens_at = moment if is_open else changes_at
    return None if opens_at is None else opens_at.astimezone(ZoneInfo(calendar.zone))


def open_spans(calendar: ServiceCalendar, function: Function, period: Span, mode: Mode) -> tuple[Span, ...]:
    """When in a period the function can be used."""
    downtime = (span(each.starts, each.ends) for each in maintenance_of(calendar, function, mode))
    return subtract(published_spans(calendar, function, period, mode), downtime)


def published_spans(calendar: ServiceCalendar, function: Function, period: Span, mode: Mode) -> tuple[Span, ...]:
    """When in a period the function should be usable by the published hours and days, whatever is declared."""
    weekly = _weekly_hours(calendar, function, mode)
    special = _special_days(calendar, function, mode)
    if weekly is None and not special:
        return (period,)
    zone = ZoneInfo(calendar.zone)
    usual = weekly or dict.fromkeys(range(len(_WEEKDAYS)), (ALL_DAY,))
    spans = (
        span_of(day, hours, zone)
        for day in _days_around(period, zone)
        for hours in _hours_opening_on(day, usual, special.get(day))
    )
    return clip(merge(spans), period)


def routine_spans(calendar: ServiceCalendar, period: Span) -> tuple[Span, ...]:
    """When in a period routine maintenance may be declared."""
    zone = ZoneInfo(calendar.zone)
    spans = (
        span_of(day, window.hours, zone)
        for day in _days_around(period, zone)
        for window in calendar.maintenance_windows
        if _WEEKDAYS[day.weekday()] in window.days
    )
    return clip(merge(spans), period)


def maintenance_of(calendar: ServiceCalendar, function: Function, mode: Mode) -> tuple[Maintenance, ...]:
    """The declared maintenance that concerns a function and mode."""
    return tuple(
        [
            each
            for each in calendar.maintenance
            if mode in each.modes and (not each.functions or function in each.functions)
        ]
    )


def span_of(day: date, hours: Hours, zone: ZoneInfo) -> Span:
    """The hours that open on a day as moments; empty where a change of the clocks swallows them."""
    closing_day = day + _DAY if hours.next_day else day
    return span(
        datetime.combine(day, hours.opens, zone),
        datetime.combine(closing_day, hours.closes, zone),
    )


def _outlook(
    calendar: ServiceCalendar, function: Function, moment: datetime, mode: Mode
) -> tuple[bool, datetime | None]:
    """Whether it is open at a moment, and when that changes."""
    is_open = False
    for horizon in _HORIZONS:
        period = span(moment, moment + horizon)
        spans = open_spans(calendar, function, period, mode)
        is_open = bool(spans) and spans[0].starts == period.starts
        if is_open and spans[0].ends < period.ends:
            return True, spans[0].ends
        if spans and not is_open:
            return False, spans[0].starts
    return is_open, None


def _explain(
    calendar: ServiceCalendar, function: Function, moment: datetime, mode: Mode, *, is_open: bool
) -> tuple[StatusReason, str]:
    has_hours = _weekly_hours(calendar, function, mode) is not None
    if is_open:
        return (StatusReason.WITHIN_HOURS if has_hours else StatusReason.ALWAYS_OPEN), ""
    for maintenance in maintenance_of(calendar, function, mode):
        if maintenance.starts <= moment < maintenance.ends:
            return StatusReason.MAINTENANCE, maintenance.reason
    today = moment.astimezone(ZoneInfo(calendar.zone)).date()
    special = _special_days(calendar, function, mode).get(today)
    if special is not None:
        return StatusReason.SPECIAL_DAY, special.name
    return StatusReason.OUTSIDE_HOURS, ""


def _weekly_hours(calendar: ServiceCalendar, function: Function, mode: Mode) -> dict[int, tuple[Hours, ...]] | None:
    """The hours that open on each day of the week (0 is Monday); None where there is no window at all."""
    windows = [window for window in calendar.windows if window.function is function and mode in window.modes]
    if not windows:
        return None
    return {
        number: tuple([window.hours for window in windows if day in window.days])
        for number, day in enumerate(_WEEKDAYS)
    }


def _special_days(calendar: ServiceCalendar, function: Function, mode: Mode) -> dict[date, SpecialDay]:
    """The dates on which the function opens otherwise than usual."""
    has_hours = any(window.function is function and mode in window.modes for window in calendar.windows)
    return {
        special.day: special
        for special in calendar.special_days
        if special.hours is not None
        and mode in special.modes
        and (function in special.functions if special.functions else has_hours)
    }


def _hours_opening_on(day: date, usual: dict[int, tuple[Hours, ...]], special: SpecialDay | None) -> tuple[Hours, ...]:
    if special is not None and special.hours is not None:
        return special.hours
    return usual[day.weekday()]


def _days_around(period: Span, zone: ZoneInfo) -> Iterator[date]:
    """The days whose hours can reach into a period."""
    first = period.starts.astimezone(zone).date() - _DAY
    last = period.ends.astimezone(zone).date()
    return (first + number * _DAY for number in range((last - first).days + 1))
