"""How much of a week a function could be used, against the published hours and CAQH CORE's system availability.

CORE asks for 86 % of each calendar week (157, mandated) or 90 % (2022), the rest being the payer's own routine
downtime; what goes beyond it does not count where partners were told as the rule says (``is_conforming``).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from rules.facts.access import Function
from rules.facts.service_hours import Maintenance, MaintenanceKind, Mode, ServiceCalendar
from rules.service_hours.opening import maintenance_of, published_spans
from rules.service_hours.problems import is_within_routine
from rules.service_hours.spans import Span, clip, merge, span, subtract, total

MANDATED_SHARE = Decimal("0.86")
"""Of a calendar week (CAQH CORE 157 1.1.0)."""
UPDATED_SHARE = Decimal("0.90")
"""Of a calendar week (CAQH CORE vEB.2.0, vCS.2.0, vPA.2.0)."""

_NOTICE = {MaintenanceKind.NON_ROUTINE: timedelta(days=7), MaintenanceKind.EMERGENCY: timedelta(hours=-1)}
"""How long before it starts a downtime has to be told, at the latest."""
_WEEK = timedelta(days=7)
_SHARE_STEP = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class Availability:
    """A function's week."""

    week: timedelta
    """How long the week lasted: 168 hours but for changes of the clocks."""
    published: timedelta
    """Of it within the published hours."""
    up: timedelta
    """Of these without any downtime."""
    of_published: Decimal
    """The share of the published hours in which it was up, conforming downtime not counted."""
    of_week: Decimal
    """The share of the week in which it was up, conforming downtime other than routine not counted."""

    @property
    def meets_mandated(self) -> bool:
        """86 % of the week."""
        return self.of_week >= MANDATED_SHARE

    @property
    def meets_updated(self) -> bool:
        """90 % of the week."""
        return self.of_week >= UPDATED_SHARE


def is_conforming(calendar: ServiceCalendar, maintenance: Maintenance) -> bool:
    """Whether partners were told of a downtime as the operating rule says.

    Routine: it lies in the times published for it. Non-routine: a week ahead. Emergency: within an hour of its start.
    """
    if maintenance.kind is MaintenanceKind.ROUTINE:
        return is_within_routine(calendar, maintenance)
    return maintenance.declared_at <= maintenance.starts - _NOTICE[maintenance.kind]


def measure(
    week: Span, published: Iterable[Span], down: Iterable[Span], routine: Iterable[Span], excused: Iterable[Span]
) -> Availability:
    """The availability of one week.

    Args:
        week: the calendar week.
        published: when it should have been usable.
        down: when it was not, for whatever cause.
        routine: of that, conforming routine maintenance.
        excused: of that, other conforming downtime.
    """
    promised = merge(clip(merge(published), week))
    up = subtract(promised, down)
    excused = merge(excused)
    asked = total(subtract(promised, [*routine, *excused]))
    counted = week.length - total(clip(excused, week))
    return Availability(week.length, total(promised), total(up), _share(total(up), asked), _share(total(up), counted))


def weekly_availability(
    calendar: ServiceCalendar, function: Function, mode: Mode, sunday: date, outages: Iterable[Span] = ()
) -> Availability:
    """The availability of the week that begins on ``sunday``, in the calendar's zone.

    Args:
        outages: when the function could not be used though nothing was declared.
    """
    zone = ZoneInfo(calendar.zone)
    week = span(_midnight(sunday, zone), _midnight(sunday + _WEEK, zone))
    declared = maintenance_of(calendar, function, mode)
    conforming = [each for each in declared if is_conforming(calendar, each)]
    return measure(
        week,
        published=published_spans(calendar, function, week, mode),
        down=[*map(_span, declared), *outages],
        routine=[_span(each) for each in conforming if each.kind is MaintenanceKind.ROUTINE],
        excused=[_span(each) for each in conforming if each.kind is not MaintenanceKind.ROUTINE],
    )


def _span(maintenance: Maintenance) -> Span:
    return span(maintenance.starts, maintenance.ends)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)


def _share(part: timedelta, whole: timedelta) -> Decimal:
    """A fraction, rounded down to four places so that nothing just missed looks met; all of nothing is all."""
    if not whole:
        return Decimal(1)
    return (Decimal(part // timedelta(microseconds=1)) / (whole // timedelta(microseconds=1))).quantize(
        _SHARE_STEP, rounding="ROUND_DOWN"
    )
