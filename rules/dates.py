"""Calendar arithmetic of eligibility: the period asked about, how far it may reach, plan years."""

from calendar import monthrange
from datetime import date, timedelta
from functools import lru_cache

from edi.aaa import RejectReason
from edi.eligibility import DateRange, EligibilityInquiry, ServiceInquiry
from rules.facts import PayerProfile

_DAY = timedelta(days=1)


def add_months(day: date, months: int) -> date:
    """The same day some months later (earlier when negative), or the last of that month where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return _day_of_month(year, month + 1, day.day)


def _day_of_month(year: int, month: int, day: int) -> date:
    return date(year, month, min(day, monthrange(year, month)[1]))


@lru_cache(maxsize=64)
def inquiry_window(today: date, months_back: int, months_forward: int) -> DateRange:
    """The days that may be asked about; at the least 12 months back and to the end of this month (CAQH CORE 154)."""
    last_month = add_months(today.replace(day=1), months_forward)
    return DateRange(add_months(today, -months_back), add_months(last_month, 1) - _DAY)


def asked_period(inquiry: EligibilityInquiry, service: ServiceInquiry, today: date) -> DateRange:
    """The days that an EQ asks about: its own, else the patient's, else today."""
    return service.dates or inquiry.patient.dates or DateRange(today, today)


def patient_period(inquiry: EligibilityInquiry, today: date) -> DateRange | None:
    """The days asked about at the patient's own level; None when every EQ brings its own."""
    if inquiry.patient.dates is not None or all(service.dates for service in inquiry.services):
        return inquiry.patient.dates
    return DateRange(today, today)


def refuse_period(period: DateRange, today: date, profile: PayerProfile) -> RejectReason | None:
    """Why a period cannot be asked about; None when it can.

    The first day decides, as for a payer that takes no ranges: what reaches beyond the window at its end is left out.
    """
    if period.last < period.first:
        return RejectReason.SERVICE_DATE
    window = inquiry_window(today, profile.months_back, profile.months_forward)
    if period.first < window.first:
        return RejectReason.SERVICE_DATE_OUT_OF_RANGE
    if period.first > window.last:
        return RejectReason.SERVICE_DATE_IN_FUTURE
    return None


@lru_cache(maxsize=4096)
def year_containing(day: date, begins: date) -> DateRange:
    """The year around ``day`` that begins on the month and day of ``begins``; 29 February counts as the 28th."""
    first = _day_of_month(day.year, begins.month, begins.day)
    if first > day:
        first = _day_of_month(day.year - 1, begins.month, begins.day)
    if first.year == date.max.year:
        return DateRange(first, date.max)
    return DateRange(first, _day_of_month(first.year + 1, begins.month, begins.day) - _DAY)
