"""``edi-gateway hours export`` and ``replace``: the whole calendar as a document, refused with all that is wrong."""

import json
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from gateway.cli import app
from tests.conftest import execute
from tests.processes import query

pytestmark = pytest.mark.store

WEEK = ["monday", "tuesday", "wednesday", "thursday", "friday"]


@pytest.fixture(autouse=True)
def default_calendar(database_url: str) -> None:
    execute(database_url, "DELETE FROM edi.calendar")


def run(database_url: str, *arguments: str, document: str | bytes | None = None) -> Result:
    return CliRunner().invoke(
        app, ("hours", *arguments), input=document, env={"EDI_GATEWAY_DATABASE_URL": database_url}
    )


def replaced(database_url: str, document: object) -> Result:
    text = document if isinstance(document, str | bytes) else json.dumps(document)
    return run(database_url, "replace", "-", document=text)


def window(opens: str, closes: str, function: str = "precertification", **more: object) -> dict[str, object]:
    hours = {"opens": opens, "closes": closes, "next_day": closes <= opens}
    return {"function": function, "days": WEEK, "hours": hours, **more}


def maintenance(starts: str, ends: str) -> dict[str, object]:
    declared = {"reason": "X", "kind": "emergency", "declared_at": "2026-11-21T00:00:00Z"}
    return {"starts": starts, "ends": ends, **declared}


GOOD: dict[str, Any] = {"zone": "America/Chicago", "windows": [window("08:00:00", "18:00:00")]}
HOLIDAY = {"day": "2026-11-26", "name": "THANKSGIVING"}


def test_what_is_exported_can_be_put_in_place_again(database_url: str) -> None:
    exported = run(database_url, "export").stdout
    assert json.loads(exported)["zone"] == "America/New_York"
    assert replaced(database_url, exported).exit_code == 0
    assert run(database_url, "export").stdout == exported


def test_times_of_day_may_be_written_without_seconds(database_url: str) -> None:
    declared = maintenance("2026-11-29T05:00:00Z", "2026-11-29T06:00:00Z") | {"reason": "12:30"}
    assert (
        replaced(database_url, GOOD | {"windows": [window("08:00", "18:00")], "maintenance": [declared]}).exit_code == 0
    )
    exported = json.loads(run(database_url, "export").stdout)
    assert exported["windows"][0]["hours"] == {"opens": "08:00:00", "closes": "18:00:00", "next_day": False}
    assert exported["maintenance"][0]["reason"] == "12:30"


def test_another_zone_and_other_weekly_windows_count_from_then_on(database_url: str) -> None:
    assert replaced(database_url, GOOD).exit_code == 0
    told = run(database_url, "--at", "2026-11-23T07:59:59", "--json").stdout
    precertification = json.loads(told)["functions"]["precertification"]
    assert (precertification["open"], precertification["changes_at"]) == (False, "2026-11-23T08:00:00-06:00")


REFUSED: dict[str, tuple[object, str]] = {
    "an unknown zone": (GOOD | {"zone": "Mars/Olympus"}, "zone: the zone is not an IANA time zone"),
    "no zone": (GOOD | {"zone": ""}, "zone: the zone is not an IANA time zone"),
    "an empty window": (
        GOOD | {"windows": [window("08:00:00", "08:00:00") | {"hours": {"opens": "08:00:00", "closes": "08:00:00"}}]},
        "windows[0]: the hours end before they begin, or at once",
    ),
    "a window that ends before it begins": (
        GOOD | {"windows": [window("08:00:00", "18:00:00") | {"hours": {"opens": "18:00:00", "closes": "08:00:00"}}]},
        "windows[0]: the hours end before they begin, or at once",
    ),
    "windows that overlap": (
        GOOD | {"windows": [window("08:00:00", "12:00:00"), window("11:59:00", "18:00:00")]},
        "windows[1]: the hours overlap others before them",
    ),
    "windows that overlap past midnight": (
        GOOD | {"windows": [window("20:00:00", "06:00:00"), window("05:00:00", "18:00:00")]},
        "windows[1]: the hours overlap others before them",
    ),
    "a window on no day": (GOOD | {"windows": [window("08:00:00", "18:00:00", days=[])]}, "windows[0]: no day"),
    "a holiday twice": (
        GOOD | {"special_days": [HOLIDAY, HOLIDAY]},
        "special_days[1]: the same day stands before it already",
    ),
    "maintenance that ends before it starts": (
        GOOD | {"maintenance": [maintenance("2026-11-22T09:00:00-05:00", "2026-11-22T01:00:00-05:00")]},
        "maintenance[0]: the maintenance ends before it starts, or at once",
    ),
    "maintenance that ends as it starts": (
        GOOD | {"maintenance": [maintenance("2026-11-22T09:00:00-05:00", "2026-11-22T14:00:00Z")]},
        "maintenance[0]: the maintenance ends before it starts, or at once",
    ),
    "an unknown function": (GOOD | {"windows": [window("08:00:00", "18:00:00", "telepathy")]}, "telepathy"),
    "a name that is misspelt": (GOOD | {"window": []}, "nothing is called $.window"),
    "a name that is misspelt inside": (
        GOOD | {"windows": [window("08:00:00", "18:00:00", mode=["batch"])]},
        "nothing is called $.windows[0].mode",
    ),
    "no calendar": ("[]", "this is no calendar"),
    "no JSON": ("{", "this is no calendar"),
    "no end": ('{"zone":' * 100_000, "this is no calendar"),
    "no UTF-8": (b'{"zone":"\xff"}', "this is no calendar"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_calendar_that_cannot_be_used_is_refused_with_what_is_wrong_and_the_old_one_stays(
    database_url: str, name: str
) -> None:
    assert replaced(database_url, GOOD).exit_code == 0
    before = query(database_url, "SELECT document::text FROM edi.calendar")
    document, reason = REFUSED[name]
    refused = replaced(database_url, document)
    assert refused.exit_code == 1
    assert reason in refused.stderr
    assert query(database_url, "SELECT document::text FROM edi.calendar") == before


def test_everything_that_is_wrong_is_told_at_once(database_url: str) -> None:
    wrong = GOOD | {
        "zone": "Mars/Olympus",
        "windows": [window("08:00:00", "12:00:00"), window("11:00:00", "18:00:00")],
        "special_days": [HOLIDAY, HOLIDAY],
    }
    told = replaced(database_url, wrong).stderr
    assert [line.split(":")[0] for line in told.splitlines()[1:]] == ["zone", "windows[1]", "special_days[1]"]
