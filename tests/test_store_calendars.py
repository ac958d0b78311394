"""A payer's calendar in the store: changed as a whole, refused with what is wrong, a fact as every other."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from gateway.store import keys
from gateway.store.calendars import change_calendar, read_calendar
from gateway.store.database import Refused, pool
from gateway.store.database_tier import DatabaseTier
from gateway.store.fact import Fact
from rules.facts.service_hours import (
    DEFAULT_CALENDAR,
    Maintenance,
    MaintenanceKind,
    ServiceCalendar,
    SpecialDay,
)
from tests.store_support import another_program

pytestmark = pytest.mark.store

NOON = datetime(2026, 11, 21, 17, tzinfo=UTC)
UPGRADE = Maintenance(NOON, NOON.replace(hour=19), "UPGRADE", MaintenanceKind.NON_ROUTINE, NOON)
THANKSGIVING = SpecialDay(date(2026, 11, 26), "THANKSGIVING")


def declare(calendar: ServiceCalendar) -> ServiceCalendar:
    return replace(calendar, maintenance=(*calendar.maintenance, UPGRADE))


async def fact(url: str, payer_id: str) -> Fact[ServiceCalendar | None]:
    async with pool(url) as connections:
        key = keys.calendar(payer_id)
        return (await DatabaseTier(connections).read([key]))[key].fact()


async def test_a_payer_without_a_calendar_has_the_default_one(database_url: str) -> None:
    assert await read_calendar(database_url, "NONE") == DEFAULT_CALENDAR
    assert (await fact(database_url, "NONE")).version == 0


async def test_a_changed_calendar_is_the_next_version_of_the_payers_fact(database_url: str) -> None:
    await change_calendar(database_url, "P1", declare)
    await change_calendar(database_url, "P1", lambda held: replace(held, special_days=(THANKSGIVING,)))
    found = await fact(database_url, "P1")
    assert found.version == 2
    assert found.value == replace(DEFAULT_CALENDAR, maintenance=(UPGRADE,), special_days=(THANKSGIVING,))
    assert found.value == await read_calendar(database_url, "P1")


async def test_payers_have_calendars_of_their_own(database_url: str) -> None:
    await change_calendar(database_url, "P2", declare)
    assert await read_calendar(database_url, "P3") == DEFAULT_CALENDAR


async def test_a_calendar_with_problems_is_refused_with_all_of_them_and_the_old_one_stays(database_url: str) -> None:
    await change_calendar(database_url, "P4", declare)
    backwards = replace(UPGRADE, ends=NOON.replace(hour=3))
    with pytest.raises(Refused) as refused:
        await change_calendar(
            database_url,
            "P4",
            lambda held: replace(held, maintenance=(backwards,), special_days=(THANKSGIVING, THANKSGIVING)),
        )
    assert "maintenance[0]: the maintenance ends before it starts" in str(refused.value)
    assert "special_days[1]: the same day stands before it already" in str(refused.value)
    assert (await fact(database_url, "P4")).version == 1
    assert (await read_calendar(database_url, "P4")).maintenance == (UPGRADE,)


async def test_former_calendars_are_kept_and_cannot_be_rewritten(database_url: str) -> None:
    await change_calendar(database_url, "P5", declare)
    await change_calendar(database_url, "P5", lambda held: replace(held, maintenance=()))
    async with another_program(database_url) as connection:
        kept = await connection.fetchval(
            "SELECT document -> 'maintenance' -> 0 ->> 'reason' FROM edi.calendar_history WHERE id = 'P5'"
        )
        assert kept == "UPGRADE"
        for statement in ("DELETE FROM edi.calendar_history", "TRUNCATE edi.calendar"):
            with pytest.raises(Exception, match="is refused"):
                await connection.execute(statement)
