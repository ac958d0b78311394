"""The service calendar against tables worked out by hand (``tests/cases/service_hours_*``) and against itself."""

import csv
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.facts import Function
from rules.facts.service_hours import (
    DEFAULT_CALENDAR,
    Hours,
    Maintenance,
    MaintenanceKind,
    MaintenanceWindow,
    Mode,
    ServiceCalendar,
    ServiceWindow,
    SpecialDay,
    Weekday,
)
from rules.service_hours import (
    CalendarFault,
    Status,
    end_of_business_day,
    find_problems,
    is_business_day,
    is_conforming,
    next_open,
    open_spans,
    published_spans,
    span,
    status,
    weekly_availability,
)

CASES = Path(__file__).parent / "cases"
NEW_YORK = ZoneInfo("America/New_York")
PRECERTIFICATION = Function.PRECERTIFICATION
QUARTER = timedelta(minutes=15)
INSTANT = timedelta(microseconds=1)
CALENDARS = {
    "default": DEFAULT_CALENDAR,
    **msgspec.json.decode((CASES / "service_hours_calendars.json").read_bytes(), type=dict[str, ServiceCalendar]),
}


def rows(name: str) -> list[dict[str, str]]:
    with (CASES / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def quarters(starts: datetime, ends: datetime) -> Iterator[datetime]:
    moment, last = starts.astimezone(UTC), ends.astimezone(UTC)
    while moment < last:
        yield moment
        moment += QUARTER


MOMENTS = rows("service_hours_moments.csv")
CHANGES = ["service_hours_spring.csv", "service_hours_autumn.csv"]


@pytest.mark.parametrize("row", MOMENTS, ids=lambda row: row["case"])
def test_a_moment_is_as_the_table_has_it(row: dict[str, str]) -> None:
    now = status(
        CALENDARS[row["calendar"]], Function(row["function"]), datetime.fromisoformat(row["moment"]), Mode(row["mode"])
    )
    changes_at = "" if now.changes_at is None else now.changes_at.isoformat()
    assert ("yes" if now.open else "no", now.reason, changes_at) == (row["open"], row["reason"], row["changes_at"])


@pytest.mark.parametrize("name", CHANGES)
def test_every_quarter_hour_around_a_change_of_the_clocks_is_as_the_table_has_it(name: str) -> None:
    checked = 0
    for row in rows(name):
        starts, ends = datetime.fromisoformat(row["from"]), datetime.fromisoformat(row["until"])
        assert ends - starts == timedelta(hours=int(row["hours"]))
        for moment in quarters(starts, ends):
            now = status(DEFAULT_CALENDAR, PRECERTIFICATION, moment)
            assert (now.open, now.changes_at) == (row["state"] == "open", ends), moment
            checked += 1
    assert checked >= 8 * 24 * 4 - 4


@pytest.mark.parametrize("name", CHANGES)
def test_every_boundary_around_a_change_of_the_clocks_is_half_open(name: str) -> None:
    for before, after in zip(rows(name), rows(name)[1:], strict=False):
        boundary = datetime.fromisoformat(after["from"]).astimezone(UTC)
        assert status(DEFAULT_CALENDAR, PRECERTIFICATION, boundary - INSTANT).open is (before["state"] == "open")
        assert status(DEFAULT_CALENDAR, PRECERTIFICATION, boundary).open is (after["state"] == "open")


def test_the_answer_is_told_in_the_zone_of_the_calendar() -> None:
    now = status(DEFAULT_CALENDAR, PRECERTIFICATION, datetime(2026, 6, 15, 1, tzinfo=UTC))
    assert now.changes_at is not None
    assert now.changes_at.isoformat() == "2026-06-15T05:00:00-04:00"


def test_a_status_names_the_maintenance_or_the_holiday() -> None:
    maintained = status(
        CALENDARS["sunday maintenance"], Function.CLAIM_STATUS, datetime(2026, 6, 7, 9, tzinfo=NEW_YORK)
    )
    holiday = status(CALENDARS["year's end"], PRECERTIFICATION, datetime(2026, 12, 25, 9, tzinfo=NEW_YORK))
    assert (maintained.detail, holiday.detail) == ("new storage", "Christmas Day")


MOMENTS_OF_2026 = st.integers(0, 365 * 24 * 60 * 60).map(
    lambda s: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=s)
)


@settings(max_examples=200, deadline=None)
@given(
    moment=MOMENTS_OF_2026,
    calendar=st.sampled_from(sorted(CALENDARS)),
    function=st.sampled_from(list(Function)),
    mode=st.sampled_from(list(Mode)),
)
def test_the_next_opening_is_open_and_the_instant_before_it_is_closed(
    moment: datetime, calendar: str, function: Function, mode: Mode
) -> None:
    now = status(CALENDARS[calendar], function, moment, mode)
    opening = next_open(CALENDARS[calendar], function, moment, mode)
    assert opening is not None
    assert status(CALENDARS[calendar], function, opening, mode).open
    if now.open:
        assert opening == moment
    else:
        assert opening == now.changes_at
        assert not status(CALENDARS[calendar], function, opening.astimezone(UTC) - INSTANT, mode).open


@settings(max_examples=200, deadline=None)
@given(
    moment=MOMENTS_OF_2026,
    calendar=st.sampled_from([name for name in sorted(CALENDARS) if name != "batch by night"]),
    ahead=st.floats(0, 1),
)
def test_nothing_changes_before_it_is_said_to_change(moment: datetime, calendar: str, ahead: float) -> None:
    now = status(CALENDARS[calendar], PRECERTIFICATION, moment)
    assert now.changes_at is not None
    last = now.changes_at.astimezone(UTC) - INSTANT
    assert status(CALENDARS[calendar], PRECERTIFICATION, min(moment + ahead * (last - moment), last)).open is now.open
    assert status(CALENDARS[calendar], PRECERTIFICATION, now.changes_at).open is not now.open


def test_minute_by_minute_each_week_of_2026_is_closed_for_20_hours() -> None:
    minute = timedelta(minutes=1)
    year = span(datetime(2026, 1, 4, tzinfo=NEW_YORK), datetime(2027, 1, 3, tzinfo=NEW_YORK))
    spans = iter(open_spans(DEFAULT_CALENDAR, PRECERTIFICATION, year, Mode.REAL_TIME))
    current = next(spans)
    closed: dict[date, int] = {}
    moment = year.starts
    while moment < year.ends:
        if moment >= current.ends:
            current = next(spans, current)
        local = moment.astimezone(NEW_YORK).date()
        sunday = local - timedelta(days=(local.weekday() + 1) % 7)
        closed[sunday] = closed.get(sunday, 0) + (not current.starts <= moment < current.ends)
        moment += minute
    assert len(closed) == 52
    assert set(closed.values()) == {20 * 60}


def test_a_window_that_the_clocks_swallow_does_not_open() -> None:
    calendar = ServiceCalendar(
        "America/New_York", (ServiceWindow(PRECERTIFICATION, tuple(Weekday), Hours(time(2, 30), time(3, 15))),)
    )
    day = span(datetime(2026, 3, 8, tzinfo=NEW_YORK), datetime(2026, 3, 9, tzinfo=NEW_YORK))
    assert published_spans(calendar, PRECERTIFICATION, day, Mode.REAL_TIME) == ()


def test_a_function_that_never_opens_says_no_next_opening() -> None:
    forever = maintenance(ends=datetime(2036, 1, 1, tzinfo=UTC))
    calendar = replace(DEFAULT_CALENDAR, maintenance=(forever,))
    moment = datetime(2026, 6, 10, tzinfo=UTC)
    assert next_open(calendar, PRECERTIFICATION, moment) is None
    assert status(calendar, PRECERTIFICATION, moment) == Status(False, "maintenance", None, "new switch")  # type: ignore[arg-type]


# what is refused

SUNDAY_9AM = datetime(2026, 6, 7, 9, tzinfo=NEW_YORK)
EVENING = Hours(time(18), time(20))


def maintenance(**values: object) -> Maintenance:
    fields: dict[str, object] = {
        "starts": datetime(2026, 6, 7, 1, tzinfo=NEW_YORK),
        "ends": SUNDAY_9AM,
        "reason": "new switch",
        "kind": MaintenanceKind.NON_ROUTINE,
        "declared_at": datetime(2026, 5, 1, tzinfo=NEW_YORK),
    }
    return Maintenance(**(fields | values))  # type: ignore[arg-type]


def windows(*hours: tuple[Weekday, Hours]) -> ServiceCalendar:
    return ServiceCalendar("UTC", tuple(ServiceWindow(PRECERTIFICATION, (day,), each) for day, each in hours))


def special(**values: object) -> SpecialDay:
    return SpecialDay(**({"day": date(2026, 7, 3), "name": "Independence Day"} | values))  # type: ignore[arg-type]


NEXT_DAY_TO_SIX = Hours(time(20), time(6), next_day=True)
REFUSED = {
    "an unknown zone": (ServiceCalendar("America/Gotham"), ["zone: UNKNOWN_ZONE"]),
    "no zone": (ServiceCalendar(""), ["zone: UNKNOWN_ZONE"]),
    "a path for a zone": (ServiceCalendar("../UTC"), ["zone: UNKNOWN_ZONE"]),
    "a folder for a zone": (ServiceCalendar("America"), ["zone: UNKNOWN_ZONE"]),
    "an empty window": (windows((Weekday.MONDAY, Hours(time(5), time(5)))), ["windows[0]: EMPTY_WINDOW"]),
    "a window that ends first": (windows((Weekday.MONDAY, Hours(time(5), time(3)))), ["windows[0]: EMPTY_WINDOW"]),
    "a window on no day": (
        ServiceCalendar("UTC", (ServiceWindow(PRECERTIFICATION, (), EVENING),)),
        ["windows[0]: NO_DAYS"],
    ),
    "a window for no mode": (
        ServiceCalendar("UTC", (ServiceWindow(PRECERTIFICATION, (Weekday.MONDAY,), EVENING, ()),)),
        ["windows[0]: NO_MODES"],
    ),
    "a time with a zone": (
        windows((Weekday.MONDAY, Hours(time(5, tzinfo=UTC), time(6)))),
        ["windows[0]: TIME_WITH_ZONE"],
    ),
    "two windows that overlap": (
        windows((Weekday.MONDAY, EVENING), (Weekday.MONDAY, Hours(time(19), time(21)))),
        ["windows[1]: OVERLAPPING_WINDOWS"],
    ),
    "a window that runs into the next day's": (
        windows((Weekday.MONDAY, NEXT_DAY_TO_SIX), (Weekday.TUESDAY, Hours(time(5), time(9)))),
        ["windows[1]: OVERLAPPING_WINDOWS"],
    ),
    "a window that runs from the week's last day into its first": (
        windows((Weekday.MONDAY, Hours(time(5), time(9))), (Weekday.SUNDAY, NEXT_DAY_TO_SIX)),
        ["windows[1]: OVERLAPPING_WINDOWS"],
    ),
    "maintenance windows on no day, or empty": (
        ServiceCalendar(
            "UTC",
            maintenance_windows=(
                MaintenanceWindow((), EVENING),
                MaintenanceWindow((Weekday.SUNDAY,), Hours(time(9), time(8))),
            ),
        ),
        ["maintenance_windows[0]: NO_DAYS", "maintenance_windows[1]: EMPTY_WINDOW"],
    ),
    "a holiday twice": (
        replace(DEFAULT_CALENDAR, special_days=(special(), special(name="Independence Day observed"))),
        ["special_days[1]: HOLIDAY_TWICE"],
    ),
    "a holiday twice, once for one function": (
        replace(DEFAULT_CALENDAR, special_days=(special(), special(functions=(PRECERTIFICATION,)))),
        ["special_days[1]: HOLIDAY_TWICE"],
    ),
    "special hours that are empty": (
        replace(DEFAULT_CALENDAR, special_days=(special(hours=(Hours(time(5), time(5)),)),)),
        ["special_days[0]: EMPTY_WINDOW"],
    ),
    "special hours that overlap": (
        replace(DEFAULT_CALENDAR, special_days=(special(hours=(EVENING, Hours(time(19), time(21)))),)),
        ["special_days[0]: OVERLAPPING_WINDOWS"],
    ),
    "a special day for no mode": (
        replace(DEFAULT_CALENDAR, special_days=(special(modes=()),)),
        ["special_days[0]: NO_MODES"],
    ),
    "maintenance that ends before it starts": (
        replace(DEFAULT_CALENDAR, maintenance=(maintenance(ends=datetime(2026, 6, 7, tzinfo=NEW_YORK)),)),
        ["maintenance[0]: MAINTENANCE_ENDS_FIRST"],
    ),
    "maintenance of no length": (
        replace(DEFAULT_CALENDAR, maintenance=(maintenance(starts=SUNDAY_9AM),)),
        ["maintenance[0]: MAINTENANCE_ENDS_FIRST"],
    ),
    "maintenance without an offset": (
        replace(DEFAULT_CALENDAR, maintenance=(maintenance(ends=SUNDAY_9AM.replace(tzinfo=None)),)),
        ["maintenance[0]: MOMENT_WITHOUT_ZONE"],
    ),
    "maintenance for no mode": (
        replace(DEFAULT_CALENDAR, maintenance=(maintenance(modes=()),)),
        ["maintenance[0]: NO_MODES"],
    ),
    "routine maintenance beyond its window": (
        replace(
            DEFAULT_CALENDAR,
            maintenance=(maintenance(kind=MaintenanceKind.ROUTINE, ends=datetime(2026, 6, 7, 10, 1, tzinfo=NEW_YORK)),),
        ),
        ["maintenance[0]: MAINTENANCE_OUT_OF_WINDOW"],
    ),
    "everything that is wrong at once": (
        replace(
            windows((Weekday.MONDAY, EVENING), (Weekday.MONDAY, EVENING)),
            zone="Nowhere",
            special_days=(special(), special()),
            maintenance=(maintenance(starts=SUNDAY_9AM),),
        ),
        [
            "zone: UNKNOWN_ZONE",
            "windows[1]: OVERLAPPING_WINDOWS",
            "special_days[1]: HOLIDAY_TWICE",
            "maintenance[0]: MAINTENANCE_ENDS_FIRST",
        ],
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_calendar_is_refused_with_everything_that_is_wrong(name: str) -> None:
    calendar, expected = REFUSED[name]
    assert [f"{problem.where}: {problem.fault.name}" for problem in find_problems(calendar)] == expected


def test_each_fault_of_a_calendar_is_in_the_table() -> None:
    told = {text.partition(": ")[2] for _, expected in REFUSED.values() for text in expected}
    assert told == set(CalendarFault.__members__)


def test_a_problem_says_where_and_what() -> None:
    (problem,) = find_problems(ServiceCalendar("America/Gotham"))
    assert str(problem) == "zone: the zone is not an IANA time zone"


@pytest.mark.parametrize("name", CALENDARS)
def test_a_calendar_in_use_has_no_problem_and_survives_json(name: str) -> None:
    assert find_problems(CALENDARS[name]) == ()
    assert msgspec.json.decode(msgspec.json.encode(CALENDARS[name]), type=ServiceCalendar) == CALENDARS[name]


def test_windows_that_touch_are_no_problem_in_whatever_order() -> None:
    touching = ((Weekday.TUESDAY, Hours(time(6), time(9))), (Weekday.MONDAY, NEXT_DAY_TO_SIX))
    assert find_problems(windows(*touching)) == find_problems(windows(*reversed(touching))) == ()


def test_windows_and_days_apart_are_no_problem() -> None:
    calendar = replace(
        DEFAULT_CALENDAR,
        special_days=(special(modes=(Mode.BATCH,)), special(modes=(Mode.REAL_TIME,)), special(day=date(2027, 7, 5))),
        maintenance=(maintenance(kind=MaintenanceKind.ROUTINE, ends=datetime(2026, 6, 7, 10, tzinfo=NEW_YORK)),),
    )
    assert find_problems(calendar) == ()


# availability

WEEK = date(2026, 6, 7)


def week_of(*declared: Maintenance, outages: tuple[object, ...] = ()) -> tuple[Decimal, Decimal]:
    calendar = replace(DEFAULT_CALENDAR, maintenance=declared)
    week = weekly_availability(calendar, PRECERTIFICATION, Mode.REAL_TIME, WEEK, outages)  # type: ignore[arg-type]
    return week.of_published, week.of_week


def test_the_published_hours_meet_86_but_not_90_percent() -> None:
    week = weekly_availability(DEFAULT_CALENDAR, PRECERTIFICATION, Mode.REAL_TIME, WEEK)
    assert (week.published, week.up, week.week) == tuple(timedelta(hours=hours) for hours in (148, 148, 168))
    assert (week.of_published, week.of_week) == (Decimal(1), Decimal("0.8809"))
    assert (week.meets_mandated, week.meets_updated) == (True, False)


def test_all_of_the_sunday_maintenance_misses_86_percent() -> None:
    whole = maintenance(
        kind=MaintenanceKind.ROUTINE,
        starts=datetime(2026, 6, 7, 0, 1, tzinfo=NEW_YORK),
        ends=datetime(2026, 6, 7, 10, tzinfo=NEW_YORK),
    )
    assert week_of(whole) == (Decimal(1), Decimal("0.8334"))
    eligibility = weekly_availability(
        replace(DEFAULT_CALENDAR, maintenance=(whole,)), Function.ELIGIBILITY, Mode.BATCH, WEEK
    )
    assert (eligibility.of_week, eligibility.meets_updated) == (Decimal("0.9405"), True)


def test_an_outage_counts_and_an_announced_downtime_does_not() -> None:
    starts, ends = datetime(2026, 6, 9, 8, tzinfo=NEW_YORK), datetime(2026, 6, 9, 18, tzinfo=NEW_YORK)
    told = maintenance(starts=starts, ends=ends, declared_at=starts - timedelta(days=7))
    late = maintenance(starts=starts, ends=ends, declared_at=starts - timedelta(days=6))
    assert week_of(outages=(span(starts, ends),)) == (Decimal("0.9324"), Decimal("0.8214"))
    assert week_of(late) == (Decimal("0.9324"), Decimal("0.8214"))
    assert week_of(told) == (Decimal(1), Decimal("0.8734"))


def test_the_week_of_a_change_of_the_clocks_has_an_hour_less_or_more() -> None:
    for sunday, hours in ((date(2026, 3, 8), 167), (date(2026, 11, 1), 169)):
        week = weekly_availability(DEFAULT_CALENDAR, PRECERTIFICATION, Mode.REAL_TIME, sunday)
        assert (week.week, week.week - week.published) == (timedelta(hours=hours), timedelta(hours=20))


def test_a_week_of_nothing_but_announced_downtime_is_kept() -> None:
    whole = maintenance(starts=datetime(2026, 6, 1, tzinfo=NEW_YORK), ends=datetime(2026, 7, 1, tzinfo=NEW_YORK))
    assert week_of(whole) == (Decimal(1), Decimal(1))


@pytest.mark.parametrize(
    ("kind", "notice", "conforms"),
    [
        (MaintenanceKind.ROUTINE, timedelta(0), True),
        (MaintenanceKind.NON_ROUTINE, timedelta(days=7), True),
        (MaintenanceKind.NON_ROUTINE, timedelta(days=7) - INSTANT, False),
        (MaintenanceKind.EMERGENCY, timedelta(hours=-1), True),
        (MaintenanceKind.EMERGENCY, timedelta(hours=-1) - INSTANT, False),
    ],
)
def test_downtime_conforms_when_it_is_told_in_time(kind: MaintenanceKind, notice: timedelta, conforms: bool) -> None:
    starts = datetime(2026, 6, 7, 1, tzinfo=NEW_YORK)
    assert is_conforming(DEFAULT_CALENDAR, maintenance(kind=kind, declared_at=starts - notice)) is conforms


# business days


def test_weekends_and_holidays_are_no_business_days() -> None:
    calendar = CALENDARS["year's end"]
    days = [date(2026, 12, day) for day in range(23, 29)]
    assert [is_business_day(calendar, day) for day in days] == [True, True, False, False, False, True]


@pytest.mark.parametrize(
    ("moment", "days", "ends"),
    [
        ("2026-12-23T23:59:59-05:00", 2, "2026-12-29T00:00:00-05:00"),
        ("2026-12-24T04:59:59Z", 2, "2026-12-29T00:00:00-05:00"),
        ("2026-12-24T05:00:00Z", 2, "2026-12-30T00:00:00-05:00"),
        ("2026-12-26T12:00:00-05:00", 1, "2026-12-29T00:00:00-05:00"),
        ("2026-10-20T12:00:00-04:00", 15, "2026-11-11T00:00:00-05:00"),
    ],
)
def test_a_period_of_business_days_ends_with_its_last_day(moment: str, days: int, ends: str) -> None:
    due = end_of_business_day(CALENDARS["year's end"], datetime.fromisoformat(moment), days)
    assert due.isoformat() == ends
