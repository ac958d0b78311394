"""Periods told in business days: Monday to Friday without the days that a payer's calendar says are none."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from rules.facts.service_hours import ServiceCalendar

_DAY = timedelta(days=1)
_SATURDAY = 5


def is_business_day(calendar: ServiceCalendar, day: date) -> bool:
    """Whether business is done on a day."""
    return day.weekday() < _SATURDAY and all(
        special.is_business_day for special in calendar.special_days if special.day == day
    )


def end_of_business_day(calendar: ServiceCalendar, moment: datetime, days: int) -> datetime:
    """The end of the ``days``-th business day after the day of ``moment``, in the calendar's zone.

    The day of ``moment`` itself is not counted, whatever the hour; the end of a day is the midnight after it.
    """
    zone = ZoneInfo(calendar.zone)
    day = moment.astimezone(zone).date()
    remaining = days
    while remaining:
        day += _DAY
        remaining -= is_business_day(calendar, day)
    return datetime.combine(day + _DAY, time(), zone)
