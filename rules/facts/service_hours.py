"""When a payer's functions can be used: weekly hours, days that differ, maintenance. Data, one document per payer.

Times of day are wall-clock times in the calendar's zone. One that the clocks skip is read with the offset before the
change, one that they show twice is the first of the two (RFC 5545 3.3.5).
"""

from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum

from rules.facts.access import Function


class Mode(StrEnum):
    """How an inquiry reaches us."""

    REAL_TIME = "real time"
    BATCH = "batch"


ANY_MODE = (Mode.REAL_TIME, Mode.BATCH)


class Weekday(StrEnum):
    """A day of the week, in the order of ``date.weekday``."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"


class MaintenanceKind(StrEnum):
    """The three kinds of downtime that operating rules know (CAQH CORE 157, system availability)."""

    ROUTINE = "routine"
    """Within the times published once and for all."""
    NON_ROUTINE = "non-routine"
    """Announced at least a week ahead."""
    EMERGENCY = "emergency"
    """Announced within an hour of being noticed."""


@dataclass(frozen=True, slots=True)
class Hours:
    """From ``opens`` up to, not including, ``closes``."""

    opens: time
    closes: time
    next_day: bool = False
    """Whether it closes on the day after it opens."""


ALL_DAY = Hours(time(0), time(0), next_day=True)


@dataclass(frozen=True, slots=True)
class ServiceWindow:
    """Hours of one function on some days of the week. Hours belong to the day on which they open."""

    function: Function
    days: tuple[Weekday, ...]
    hours: Hours
    modes: tuple[Mode, ...] = ANY_MODE


@dataclass(frozen=True, slots=True)
class MaintenanceWindow:
    """When routine maintenance may be declared, as published. By itself it closes nothing."""

    days: tuple[Weekday, ...]
    hours: Hours


@dataclass(frozen=True, slots=True)
class SpecialDay:
    """A date on which other hours open than on that day of the week: a holiday, an early closing.

    What opened the day before and runs past midnight is left as it is.
    """

    day: date
    name: str
    hours: tuple[Hours, ...] | None = ()
    """Instead of the usual ones; empty: nothing opens; None: the usual ones."""
    is_business_day: bool = False
    """Whether it counts for times that are told in business days."""
    functions: tuple[Function, ...] = ()
    """Empty: those that have weekly hours. One without is closed on that day when it is named."""
    modes: tuple[Mode, ...] = ANY_MODE


@dataclass(frozen=True, slots=True)
class Maintenance:
    """Declared downtime: from ``starts`` up to, not including, ``ends`` nothing it names can be used."""

    starts: datetime
    """Aware, as all moments."""
    ends: datetime
    reason: str
    kind: MaintenanceKind
    declared_at: datetime
    """When partners were told."""
    functions: tuple[Function, ...] = ()
    """Empty: all."""
    modes: tuple[Mode, ...] = ANY_MODE


@dataclass(frozen=True, slots=True)
class ServiceCalendar:
    """A payer's hours. A function without windows for a mode is always open there, but for maintenance."""

    zone: str
    """IANA name, ``America/New_York``."""
    windows: tuple[ServiceWindow, ...] = ()
    special_days: tuple[SpecialDay, ...] = ()
    maintenance_windows: tuple[MaintenanceWindow, ...] = ()
    maintenance: tuple[Maintenance, ...] = ()
    held_in_batch: tuple[Function, ...] = ()
    """Whose requests, where they come in a batch while the function is closed, wait until it opens. Those of others are
    refused, as all are in real time."""


_SUNDAY = (Weekday.SUNDAY,)
_MONDAY_TO_SATURDAY = tuple(day for day in Weekday if day is not Weekday.SUNDAY)

DEFAULT_CALENDAR = ServiceCalendar(
    zone="America/New_York",
    windows=(
        ServiceWindow(Function.PRECERTIFICATION, _MONDAY_TO_SATURDAY, Hours(time(5), time(3), next_day=True)),
        ServiceWindow(Function.PRECERTIFICATION, _SUNDAY, Hours(time(5), time(21))),
    ),
    maintenance_windows=(MaintenanceWindow(_SUNDAY, Hours(time(0, 1), time(10))),),
)
"""Precertification Monday to Saturday 05:00 to 03:00 of the next day and Sunday 05:00 to 21:00; all else always."""
