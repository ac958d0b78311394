"""``/v1/hours``, ``/v1/hours.ics`` and the gauge of a whole gateway process."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta

import httpx
import pytest
from icalendar import Calendar

from gateway.application import Gateway, open_gateway
from gateway.doors.hours import hours_routes
from gateway.doors.operations import build_operations
from gateway.hours.gauge import keep_hours_shown
from gateway.settings import Settings
from gateway.store.calendars import change_calendar
from rules.facts.service_hours import Maintenance, MaintenanceKind, ServiceCalendar, SpecialDay
from tests.patience import PATIENT
from tests.real_time import NOW
from tests.store_support import until

pytestmark = pytest.mark.store

PAYER_ID = "99999"
HOUR = timedelta(hours=1)
UPGRADE = Maintenance(NOW + HOUR, NOW + 3 * HOUR, "UPGRADE", MaintenanceKind.EMERGENCY, NOW)
THANKSGIVING = SpecialDay(date(2026, 11, 26), "THANKSGIVING")


def declared(calendar: ServiceCalendar) -> ServiceCalendar:
    return replace(calendar, maintenance=(UPGRADE,), special_days=(THANKSGIVING,))


@pytest.fixture
async def gateway(database_url: str, redis_url: str) -> AsyncIterator[Gateway]:
    await change_calendar(database_url, PAYER_ID, declared)
    async with open_gateway(Settings(database_url=database_url, redis_url=redis_url)) as gateway:
        yield gateway


@asynccontextmanager
async def client_of(gateway: Gateway, now: datetime = NOW) -> AsyncIterator[httpx.AsyncClient]:
    application = build_operations(gateway.ready, gateway.metrics, PATIENT)
    application.include_router(hours_routes(gateway.calendar, PAYER_ID, lambda: now))
    transport = httpx.ASGITransport(application)
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
        yield client


async def test_hours_tell_what_is_open_and_until_when(gateway: Gateway) -> None:
    async with client_of(gateway) as client:
        response = await client.get("/v1/hours")
    told = response.json()
    assert response.headers["content-type"] == "application/json"
    assert told["at"] == "2026-11-21T13:30:00-05:00"
    assert told["functions"]["eligibility"]["changes_at"] == "2026-11-21T14:30:00-05:00"
    assert told["maintenance"][0]["reason"] == "UPGRADE"


async def test_hours_follow_a_change_of_the_calendar(gateway: Gateway, database_url: str) -> None:
    async with client_of(gateway, NOW + 2 * HOUR) as client:
        assert (await client.get("/v1/hours")).json()["functions"]["eligibility"]["open"] is False
        await change_calendar(database_url, PAYER_ID, lambda held: replace(held, maintenance=()))

        async def reopened() -> bool:
            told = (await client.get("/v1/hours")).json()
            return told["functions"]["eligibility"]["open"] is True

        await until(reopened)


async def test_the_icalendar_has_open_hours_maintenance_and_holidays(gateway: Gateway) -> None:
    async with client_of(gateway) as client:
        response = await client.get("/v1/hours.ics")
    assert response.headers["content-type"].startswith("text/calendar")
    events = list(Calendar.from_ical(response.content).walk("VEVENT"))
    by_summary = {str(event["summary"]): event for event in events}
    upgrade = by_summary["maintenance: UPGRADE"]
    assert (upgrade.decoded("dtstart"), upgrade.decoded("dtend")) == (UPGRADE.starts, UPGRADE.ends)
    assert by_summary["THANKSGIVING"].decoded("dtstart") == date(2026, 11, 26)
    hours = [event for event in events if event["summary"] == "precertification open"]
    assert all(event.decoded("dtstart") < event.decoded("dtend") for event in hours)
    assert not [event for event in hours if event.decoded("dtstart").date() == date(2026, 11, 26)]
    assert len({str(event["uid"]) for event in events}) == len(events)


async def test_a_gauge_tells_which_functions_are_open(gateway: Gateway) -> None:
    for moment, gauge in ((NOW, "1.0"), (NOW + 2 * HOUR, "0.0")):
        line = f'edi_gateway_open{{function="eligibility"}} {gauge}'
        keeping = asyncio.create_task(keep_hours_shown(gateway.calendar, gateway.metrics, 60, lambda at=moment: at))
        await until(lambda wanted=line: wanted in gateway.metrics.exposition().decode().splitlines())
        keeping.cancel()


async def test_hours_that_cannot_be_had_are_a_503_problem_document(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.store.facts.LISTENER_START_SECONDS", 0.1)
    nowhere = Settings(database_url="postgresql://nobody@127.0.0.1:9/none", redis_url=redis_url)
    async with open_gateway(nowhere) as gateway, client_of(gateway) as client:
        responses = [await client.get(path) for path in ("/v1/hours", "/v1/hours.ics")]
    assert [response.status_code for response in responses] == [503, 503]
    assert responses[0].headers["retry-after"]
