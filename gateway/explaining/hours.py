"""What the service calendar said of an inquiry: open or closed, why, by which hours, and until when."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from gateway.explaining.explanation import ServiceHours
from gateway.metrics import Mode, Transaction
from gateway.store.fact import Fact
from gateway.store.keys import Kind
from rules.facts import Function
from rules.facts.service_hours import DEFAULT_CALENDAR, ServiceCalendar
from rules.facts.service_hours import Mode as CalendarMode
from rules.service_hours import Span, StatusReason, maintenance_of, published_spans, span, status

_FUNCTIONS: Mapping[str, Function] = {
    Transaction.ELIGIBILITY: Function.ELIGIBILITY,
    Transaction.CLAIM_STATUS: Function.CLAIM_STATUS,
    Transaction.SERVICES_REVIEW: Function.PRECERTIFICATION,
}
_MODES: Mapping[str, CalendarMode] = {Mode.REAL_TIME: CalendarMode.REAL_TIME, Mode.BATCH: CalendarMode.BATCH}
_AROUND = timedelta(days=8)
"""Weekly hours begin and end within it, as seen from any moment."""


def explain_hours(transaction: str, mode: str, moment: datetime, facts: Iterable[Fact[Any]]) -> ServiceHours | None:
    """What held at ``moment`` by the calendar among the facts; None where it was not asked.

    A payer without a calendar of its own has the usual hours.
    """
    function = _FUNCTIONS.get(transaction)
    calendar = next((fact.value or DEFAULT_CALENDAR for fact in facts if fact.kind is Kind.CALENDAR), None)
    if function is None or calendar is None:
        return None
    found = status(calendar, function, moment, _MODES[mode])
    if found.reason is StatusReason.MAINTENANCE:
        window = _maintenance(calendar, function, moment, _MODES[mode])
    else:
        window = _published(calendar, function, moment if found.open else found.changes_at, _MODES[mode])
    told = "" if window is None else _told(window, ZoneInfo(calendar.zone))
    return ServiceHours(function, found.open, found.reason, found.detail, found.changes_at, told)


def _maintenance(calendar: ServiceCalendar, function: Function, moment: datetime, mode: CalendarMode) -> Span | None:
    """The declared maintenance that was under way."""
    declared = (span(each.starts, each.ends) for each in maintenance_of(calendar, function, mode))
    return next((each for each in declared if each.starts <= moment < each.ends), None)


def _published(
    calendar: ServiceCalendar, function: Function, moment: datetime | None, mode: CalendarMode
) -> Span | None:
    """The published hours around a moment; None where there is none, or no end of them."""
    if moment is None:
        return None
    period = span(moment - _AROUND, moment + _AROUND)
    spans = published_spans(calendar, function, period, mode)
    return next((each for each in spans if each.starts <= moment < each.ends and each != period), None)


def _told(window: Span, zone: ZoneInfo) -> str:
    starts, ends = window.starts.astimezone(zone), window.ends.astimezone(zone)
    return f"{starts:%A %Y-%m-%d %H:%M} to {ends:%A %Y-%m-%d %H:%M %Z}"
