"""``edi-gateway hours``: what it shows, and how the calendar is changed."""

import json
from datetime import datetime
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from gateway.cli import app
from tests.conftest import execute
from tests.processes import query

pytestmark = pytest.mark.store

SATURDAY = "2026-11-21T13:30:00-05:00"
SUNDAY_NIGHT = "2026-11-22T23:00:00-05:00"


@pytest.fixture(autouse=True)
def default_calendar(database_url: str) -> None:
    execute(database_url, "DELETE FROM edi.calendar")


def run(database_url: str, *arguments: str) -> Result:
    return CliRunner().invoke(app, ("hours", *arguments), env={"EDI_GATEWAY_DATABASE_URL": database_url})


def told(database_url: str, at: str) -> Any:
    result = run(database_url, "--at", at, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_json_tells_for_each_function_whether_it_is_open_why_and_until_when(database_url: str) -> None:
    document = told(database_url, SATURDAY)
    assert document["at"] == SATURDAY
    assert document["functions"]["precertification"] == {
        "open": True,
        "reason": "within service hours",
        "changes_at": "2026-11-22T03:00:00-05:00",
        "detail": "",
    }
    assert document["functions"]["eligibility"]["reason"] == "always open"
    assert document["functions"]["eligibility"]["changes_at"] is None


def test_json_tells_when_a_closed_function_opens(database_url: str) -> None:
    precertification = told(database_url, SUNDAY_NIGHT)["functions"]["precertification"]
    assert (precertification["open"], precertification["reason"]) == (False, "outside service hours")
    assert precertification["changes_at"] == "2026-11-23T05:00:00-05:00"


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-11-22T02:59:59.999999-05:00", True),
        ("2026-11-22T03:00:00-05:00", False),
        ("2026-11-22T05:00:00-05:00", True),
        ("2026-11-23T02:00:00Z", False),
        ("2026-11-22T20:59:59", True),
    ],
    ids=["last instant of Saturday", "three", "five on Sunday", "Sunday nine p.m. told in UTC", "without an offset"],
)
def test_hours_are_half_open_and_moments_may_have_any_offset(database_url: str, moment: str, is_open: bool) -> None:
    assert told(database_url, moment)["functions"]["precertification"]["open"] is is_open


def test_batches_may_be_held_until_a_function_opens_or_be_refused_again(database_url: str) -> None:
    assert told(database_url, SUNDAY_NIGHT)["held_in_batch"] == []
    assert run(database_url, "batch", "precertification", "--hold").exit_code == 0
    assert told(database_url, SUNDAY_NIGHT)["held_in_batch"] == ["precertification"]
    assert run(database_url, "batch", "precertification", "--refuse").exit_code == 0
    assert told(database_url, SUNDAY_NIGHT)["held_in_batch"] == []


def test_json_has_the_hours_of_the_seven_days_from_today_on(database_url: str) -> None:
    days = told(database_url, SATURDAY)["days"]
    assert [day["day"] for day in days] == [f"2026-11-{number}" for number in range(21, 28)]
    assert days[1]["hours"]["precertification"] == [
        {"opens": "2026-11-22T00:00:00-05:00", "closes": "2026-11-22T03:00:00-05:00"},
        {"opens": "2026-11-22T05:00:00-05:00", "closes": "2026-11-22T21:00:00-05:00"},
    ]


def test_people_read_the_state_the_next_change_and_the_week(database_url: str) -> None:
    shown = run(database_url, "--at", SATURDAY).stdout
    assert "Sat 21 Nov 2026 13:30 EST (America/New_York), real time" in shown
    assert "precertification  open    within service hours; closes Sun 22 Nov 2026 03:00 EST" in shown
    assert "    precertification  00:00-03:00, 05:00-21:00" in shown


def test_declared_maintenance_is_shown_and_withdrawn(database_url: str) -> None:
    window = ("2026-11-22T01:00", "2026-11-22T09:00")
    assert run(database_url, "declare-maintenance", *window, "--reason", "UPGRADE", "--kind", "routine").exit_code == 0
    eligibility = told(database_url, "2026-11-22T06:00:00-05:00")["functions"]["eligibility"]
    assert (eligibility["open"], eligibility["reason"], eligibility["detail"]) == (False, "maintenance", "UPGRADE")
    assert eligibility["changes_at"] == "2026-11-22T09:00:00-05:00"
    assert "UPGRADE (routine, all functions)" in run(database_url, "--at", SATURDAY).stdout
    assert run(database_url, "withdraw-maintenance", "2026-11-22T01:00").exit_code == 0
    assert told(database_url, "2026-11-22T06:00:00-05:00")["functions"]["eligibility"]["open"] is True


def test_a_holiday_and_an_early_closing_are_declared_and_withdrawn(database_url: str) -> None:
    assert run(database_url, "declare-day", "2026-11-26", "THANKSGIVING").exit_code == 0
    assert run(database_url, "declare-day", "2026-12-24", "EARLY CLOSING", "--open", "05:00-12:00").exit_code == 0
    holiday = told(database_url, "2026-11-26T12:00:00-05:00")["functions"]["precertification"]
    assert (holiday["open"], holiday["reason"], holiday["detail"]) == (
        False,
        "holiday or special hours",
        "THANKSGIVING",
    )
    eve = told(database_url, "2026-12-24T11:59:59-05:00")["functions"]["precertification"]
    assert (eve["open"], eve["changes_at"]) == (True, "2026-12-24T12:00:00-05:00")
    assert run(database_url, "withdraw-day", "2026-11-26").exit_code == 0
    assert told(database_url, "2026-11-26T12:00:00-05:00")["functions"]["precertification"]["open"] is True


REFUSED = {
    "maintenance that ends before it starts": (
        ("declare-maintenance", "2026-11-22T09:00", "2026-11-22T01:00", "--reason", "X"),
        "maintenance[0]: the maintenance ends before it starts",
    ),
    "routine maintenance on a Monday": (
        ("declare-maintenance", "2026-11-23T01:00", "2026-11-23T02:00", "--reason", "X", "--kind", "routine"),
        "maintenance[0]: routine maintenance lies outside the times published for it",
    ),
    "hours that overlap": (
        ("declare-day", "2026-12-24", "EVE", "--open", "05:00-12:00", "--open", "11:00-13:00"),
        "special_days[0]: the hours overlap",
    ),
    "maintenance that is not there": (("withdraw-maintenance", "2026-11-22T01:00"), "no maintenance is declared"),
    "a day that is not there": (("withdraw-day", "2026-11-22"), "nothing is declared for that day"),
    "no moment": (("declare-maintenance", "soon", "later", "--reason", "X"), "'soon' is not a moment"),
    "no day": (("declare-day", "tomorrow", "X"), "'tomorrow' is not a day"),
    "no hours": (("declare-day", "2026-12-24", "X", "--open", "noon"), "'noon' are not hours"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_used_is_refused_with_the_reason_and_changes_nothing(database_url: str, name: str) -> None:
    arguments, reason = REFUSED[name]
    result = run(database_url, *arguments)
    assert result.exit_code == 1
    assert reason in result.stderr
    assert query(database_url, "SELECT count(*) FROM edi.calendar") == 0


def test_a_holiday_twice_is_refused_and_the_first_stays(database_url: str) -> None:
    assert run(database_url, "declare-day", "2026-11-26", "THANKSGIVING").exit_code == 0
    again = run(database_url, "declare-day", "2026-11-26", "THANKSGIVING DAY")
    assert again.exit_code == 1
    assert "special_days[1]: the same day stands before it already" in again.stderr
    kept = query(database_url, "SELECT document #>> '{special_days,0,name}' FROM edi.calendar")
    assert kept == "THANKSGIVING"


def test_the_availability_of_the_week_stands_against_86_and_90_percent(database_url: str) -> None:
    shown = run(database_url, "--at", SATURDAY, "--week").stdout.splitlines()
    assert shown[0].startswith("Week of Sunday 15 November 2026")
    rows = {line[:18].strip(): line[18:].split() for line in shown[2:]}
    assert rows["precertification"] == ["100.00", "%", "88.09", "%", "yes", "no"]
    assert rows["eligibility"] == ["100.00", "%", "100.00", "%", "yes", "yes"]


def test_the_availability_of_the_week_is_told_to_programs_too(database_url: str) -> None:
    told = json.loads(run(database_url, "--at", SATURDAY, "--week", "--json").stdout)
    assert (told["week"], told["zone"], told["mode"]) == ("2026-11-15", "America/New_York", "real time")
    assert told["functions"]["precertification"] == {
        "published_hours": 148,
        "up_hours": 148,
        "of_published": 1,
        "of_week": 0.8809,
        "meets_86_percent": True,
        "meets_90_percent": False,
    }
    assert told["functions"]["eligibility"]["meets_90_percent"]


def test_maintenance_is_dated_with_its_declaration(database_url: str) -> None:
    run(database_url, "declare-maintenance", "2030-01-01T01:00", "2030-01-01T02:00", "--reason", "X")
    declared = query(database_url, "SELECT document #>> '{maintenance,0,declared_at}' FROM edi.calendar")
    assert datetime.fromisoformat(declared).utcoffset() is not None
