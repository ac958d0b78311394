"""Service hours as iCalendar (RFC 5545), for partners' own calendars."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from icalendar import Calendar, Event

from rules.facts import Function
from rules.facts.service_hours import Maintenance, Mode, ServiceCalendar, SpecialDay
from rules.service_hours import Span, open_spans, published_spans, span

WEEKS_AHEAD = 5
"""For which open hours are told one by one: special days and maintenance are in them already."""
_BACK = timedelta(days=1)
_LONGEST_OPENING = timedelta(weeks=1)
"""Of a function that has hours: how long before a moment the opening that it falls into may have begun."""


def write_icalendar(calendar: ServiceCalendar, moment: datetime, payer_id: str) -> bytes:
    """Open hours of the functions that are not always open, declared maintenance, and days that differ.

    Args:
        moment: now; what lies more than a day back is left out.
        payer_id: makes the events' UIDs the payer's own.
    """
    written = Calendar()
    written.add("prodid", "-//edi-gateway//service hours//EN")
    written.add("version", "2.0")
    written.add("x-wr-calname", f"Service hours of {payer_id}")
    written.add("x-wr-timezone", calendar.zone)
    told: Counter[str] = Counter()
    for event in _events(calendar, moment):
        uid = str(event["uid"])
        told[uid] += 1
        event["uid"] = f"{_unlike(uid, told[uid])}@{payer_id}.edi-gateway"
        event.add("dtstamp", moment.astimezone(UTC))
        written.add_component(event)
    document: bytes = written.to_ical()
    return document


def _unlike(uid: str, place: int) -> str:
    """A UID of its own for each event: maintenance may be declared twice for one moment."""
    return uid if place == 1 else f"{uid}-{place}"


def _events(calendar: ServiceCalendar, moment: datetime) -> Iterator[Event]:
    since = moment - _BACK
    for function in Function:
        yield from (_open_hours(function, each) for each in _openings(calendar, function, moment) if each.ends > since)
    yield from (_maintenance(each) for each in calendar.maintenance if each.ends > since)
    yield from (_special_day(each) for each in calendar.special_days if each.day >= since.date())


def _openings(calendar: ServiceCalendar, function: Function, moment: datetime) -> tuple[Span, ...]:
    """The openings of a function that has hours, each whole: whenever it is told, an event is the same."""
    period = span(moment - _BACK - _LONGEST_OPENING, moment + timedelta(weeks=WEEKS_AHEAD))
    if published_spans(calendar, function, period, Mode.REAL_TIME) == (period,):
        return ()
    spans = open_spans(calendar, function, period, Mode.REAL_TIME)
    return tuple([each for each in spans if each.starts > period.starts and each.ends < period.ends])


def _open_hours(function: Function, hours: Span) -> Event:
    return _event(f"{function.name}-{hours.starts:%Y%m%dT%H%M%SZ}", f"{function.value} open", hours.starts, hours.ends)


def _maintenance(declared: Maintenance) -> Event:
    starts, ends = declared.starts.astimezone(UTC), declared.ends.astimezone(UTC)
    told = ", ".join(declared.functions) or "all functions"
    scope = _scope(declared.functions, declared.modes)
    event = _event(f"MAINTENANCE-{starts:%Y%m%dT%H%M%SZ}-{scope}", f"maintenance: {declared.reason}", starts, ends)
    event.add("description", f"{declared.kind.value} maintenance of {told}")
    event.add("categories", ["MAINTENANCE"])
    return event


def _special_day(special: SpecialDay) -> Event:
    event = Event()
    event["uid"] = f"DAY-{special.day:%Y%m%d}-{_scope(special.functions, special.modes)}"
    event.add("summary", special.name)
    event.add("dtstart", special.day)
    event.add("transp", "TRANSPARENT")
    return event


def _scope(functions: Sequence[Function], modes: Sequence[Mode]) -> str:
    """What an event is about, for its UID: two of one moment may be about different functions or modes."""
    named = [each.name for each in (*functions, *(() if set(modes) == set(Mode) else modes))]
    return "-".join(named) or "ALL"


def _event(uid: str, summary: str, starts: datetime, ends: datetime) -> Event:
    event = Event()
    event["uid"] = uid.replace(" ", "-")
    event.add("summary", summary)
    event.add("dtstart", starts)
    event.add("dtend", ends)
    return event
