"""Service hours as iCalendar: events that stay the same however often and whenever they are fetched."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from icalendar import Calendar

from gateway.hours.calendar import write_icalendar
from rules.facts import Function
from rules.facts.service_hours import (
    DEFAULT_CALENDAR,
    Maintenance,
    MaintenanceKind,
    Mode,
    ServiceCalendar,
    SpecialDay,
)

SATURDAY = datetime(2026, 11, 21, 18, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)


def events(calendar: ServiceCalendar, moment: datetime) -> dict[str, tuple[datetime, datetime]]:
    """Begin and end by UID."""
    found = Calendar.from_ical(write_icalendar(calendar, moment, "99999")).walk("VEVENT")
    told = {str(event["uid"]): (event.decoded("dtstart"), event.decoded("dtend", None)) for event in found}
    assert len(told) == len(found), "two events of one UID"
    return told


def maintenance(starts: datetime, *functions: Function, modes: tuple[Mode, ...] = tuple(Mode)) -> Maintenance:
    return Maintenance(starts, starts + HOUR, "UPGRADE", MaintenanceKind.EMERGENCY, starts, functions, modes)


@pytest.mark.parametrize("minutes", [1, 90, 600])
def test_an_event_is_the_same_whenever_it_is_told(minutes: int) -> None:
    now, later = events(DEFAULT_CALENDAR, SATURDAY), events(DEFAULT_CALENDAR, SATURDAY + timedelta(minutes=minutes))
    assert len(now.keys() & later.keys()) > 30
    assert all(now[uid] == later[uid] for uid in now.keys() & later.keys())
    assert len(now.keys() ^ later.keys()) <= 2


def test_openings_are_told_from_the_opening_on_which_holds_now() -> None:
    told = events(DEFAULT_CALENDAR, SATURDAY)
    assert told["PRECERTIFICATION-20261121T100000Z@99999.edi-gateway"] == (
        datetime(2026, 11, 21, 10, tzinfo=UTC),
        datetime(2026, 11, 22, 8, tzinfo=UTC),
    )
    assert min(starts for starts, _ in told.values()) >= SATURDAY - timedelta(days=2)


def test_a_function_that_is_always_open_is_told_by_its_maintenance_alone() -> None:
    calendar = replace(DEFAULT_CALENDAR, maintenance=(maintenance(SATURDAY + HOUR),))
    told = events(calendar, SATURDAY)
    assert not any(uid.startswith("ELIGIBILITY") for uid in told)
    assert told["MAINTENANCE-20261121T193000Z-ALL@99999.edi-gateway"] == (SATURDAY + HOUR, SATURDAY + 2 * HOUR)


def test_events_of_one_moment_about_different_things_have_uids_of_their_own() -> None:
    declared = (
        maintenance(SATURDAY, Function.ELIGIBILITY),
        maintenance(SATURDAY, Function.CLAIM_STATUS),
        maintenance(SATURDAY, Function.PRECERTIFICATION, modes=(Mode.BATCH,)),
        maintenance(SATURDAY, Function.PRECERTIFICATION, modes=(Mode.REAL_TIME,)),
    )
    day = date(2026, 11, 26)
    days = tuple(SpecialDay(day, "THANKSGIVING", modes=(mode,)) for mode in Mode)
    told = events(replace(DEFAULT_CALENDAR, maintenance=declared, special_days=days), SATURDAY)
    assert sum(uid.startswith(("MAINTENANCE", "DAY")) for uid in told) == 6


def test_maintenance_declared_twice_for_one_moment_is_two_events() -> None:
    longer = replace(maintenance(SATURDAY), ends=SATURDAY + 3 * HOUR, reason="MORE OF IT")
    told = events(replace(DEFAULT_CALENDAR, maintenance=(maintenance(SATURDAY), longer)), SATURDAY)
    ends = {uid.partition("@")[0]: ends for uid, (_, ends) in told.items() if uid.startswith("MAINTENANCE")}
    assert ends == {
        "MAINTENANCE-20261121T183000Z-ALL": SATURDAY + HOUR,
        "MAINTENANCE-20261121T183000Z-ALL-2": SATURDAY + 3 * HOUR,
    }


def test_the_document_keeps_to_the_rules_of_icalendar() -> None:
    """RFC 5545: 3.1 lines, 3.4 and 3.6 the object, 3.6.1 the events; without METHOD (3.7.2) nobody is invited."""
    holiday = SpecialDay(date(2026, 11, 26), "THANKSGIVING, CLOSED; SEE YOU ON " + "FRIDAY " * 12)
    calendar = replace(DEFAULT_CALENDAR, maintenance=(maintenance(SATURDAY),), special_days=(holiday,))
    written = write_icalendar(calendar, SATURDAY, "99999")
    lines = written.split(b"\r\n")
    assert (lines[0], lines[-2:]) == (b"BEGIN:VCALENDAR", [b"END:VCALENDAR", b""])
    assert b"\n" not in b"".join(lines)
    assert max(map(len, lines)) <= 75
    assert {b"VERSION:2.0", b"PRODID:-//edi-gateway//service hours//EN"} <= set(lines)
    read = Calendar.from_ical(written)
    assert "method" not in read
    for event in read.walk("VEVENT"):
        assert {"uid", "dtstamp", "dtstart", "summary"} <= {name.lower() for name in event}
        assert "dtend" not in event or event.decoded("dtend") > event.decoded("dtstart")
    assert holiday.name in [str(event["summary"]) for event in read.walk("VEVENT")]
