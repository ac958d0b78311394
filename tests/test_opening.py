"""Service hours in the way of real-time inquiries: whole pipeline, real PostgreSQL and Valkey."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from gateway.store.calendars import change_calendar
from parsers import check
from rules.facts import Function
from rules.facts.service_hours import Maintenance, MaintenanceKind, ServiceCalendar
from tests.claims_desk import claim, open_claims_desk, status_inquiry
from tests.real_time import NOW, Desk, inquiry
from tests.store_support import another_program

pytestmark = pytest.mark.store

PAYER_ID = "99999"
HOUR = timedelta(hours=1)


@pytest.fixture
async def desk(database_url: str, redis_url: str) -> AsyncIterator[Desk]:
    async with open_claims_desk(database_url, redis_url, claim("CN-1")) as desk:
        await declare(desk)
        yield desk


async def declare(desk: Desk, *windows: tuple[datetime, datetime], functions: tuple[Function, ...] = ()) -> None:
    """Maintenance instead of all that was declared before."""
    declared = tuple(
        Maintenance(starts, ends, "UPGRADE", MaintenanceKind.EMERGENCY, NOW, functions) for starts, ends in windows
    )

    def change(calendar: ServiceCalendar) -> ServiceCalendar:
        return replace(calendar, maintenance=declared)

    await change_calendar(desk.database_url, PAYER_ID, change)


async def test_a_270_during_maintenance_gets_aaa_42_at_the_payers_loop_and_nothing_below(desk: Desk) -> None:
    await declare(desk, (NOW - HOUR, NOW + HOUR))
    answer = await desk.ask(inquiry())
    assert answer.outcome == "AAA"
    assert answer.of("AAA") == ["AAA*Y**42*P"]
    assert answer.of("HL") == ["HL*1**20*0"]
    assert check(answer.text.encode()).findings == []


async def test_a_276_during_maintenance_is_told_that_the_system_is_down(desk: Desk) -> None:
    await declare(desk, (NOW - HOUR, NOW + HOUR))
    answer = await desk.ask(status_inquiry())
    assert answer.outcome == "STC"
    assert answer.of("STC") == ["STC*E1:484:PR*20261121"]
    assert check(answer.text.encode()).findings == []


async def test_nothing_is_looked_up_during_maintenance(desk: Desk) -> None:
    await declare(desk, (NOW - HOUR, NOW + HOUR))
    desk.gateway.facts.forget_all()
    await desk.ask(inquiry())
    assert desk.gateway.facts.cached("member/id/W100000001") is None
    assert desk.gateway.facts.cached("provider/XX/1234567893") is None


async def test_maintenance_declared_and_withdrawn_counts_for_the_very_next_answer(desk: Desk) -> None:
    for _ in range(3):
        assert (await desk.ask(inquiry())).outcome == "271"
        await declare(desk, (NOW - HOUR, NOW + HOUR))
        assert (await desk.ask(inquiry())).outcome == "AAA"
        await declare(desk)


async def test_maintenance_of_one_function_leaves_the_others_alone(desk: Desk) -> None:
    await declare(desk, (NOW - HOUR, NOW + HOUR), functions=(Function.CLAIM_STATUS,))
    assert (await desk.ask(inquiry())).outcome == "271"
    assert (await desk.ask(status_inquiry())).outcome == "STC"


@pytest.mark.parametrize(
    ("offset", "outcome"),
    [
        (-timedelta(microseconds=1), "271"),
        (timedelta(0), "AAA"),
        (HOUR - timedelta(microseconds=1), "AAA"),
        (HOUR, "271"),
    ],
    ids=["the instant before", "as it starts", "the last instant", "as it ends"],
)
async def test_the_moment_of_receipt_decides_to_the_microsecond(desk: Desk, offset: timedelta, outcome: str) -> None:
    await declare(desk, (NOW, NOW + HOUR))
    desk.now = NOW + offset
    assert (await desk.ask(inquiry())).outcome == outcome


async def test_an_answer_that_is_remembered_is_not_given_again_once_maintenance_has_begun(desk: Desk) -> None:
    await declare(desk, (NOW + HOUR, NOW + 2 * HOUR))
    outcomes = []
    for offset in (timedelta(0), timedelta(minutes=1), HOUR, HOUR + timedelta(minutes=1), 2 * HOUR):
        desk.now = NOW + offset
        outcomes.append((await desk.ask(inquiry())).outcome)
    assert outcomes == ["271", "271", "AAA", "AAA", "271"]


async def test_eligibility_goes_on_while_precertification_is_closed(desk: Desk) -> None:
    desk.now = NOW.replace(day=23, hour=9)
    assert (await desk.ask(inquiry())).outcome == "271"


async def test_a_calendar_of_another_program_that_cannot_be_used_closes_and_does_not_break(desk: Desk) -> None:
    async with another_program(desk.database_url) as connection:
        await connection.execute("""UPDATE edi.calendar SET document = document || '{"zone": "Nowhere/At-All"}'""")
        assert (await desk.ask(inquiry())).of("AAA") == ["AAA*Y**42*P"]
        await connection.execute("""UPDATE edi.calendar SET document = document || '{"zone": "America/New_York"}'""")
    assert (await desk.ask(inquiry())).outcome == "271"


async def test_the_refusal_is_on_record_with_the_calendar_it_rests_on(desk: Desk) -> None:
    await declare(desk, (NOW - HOUR, NOW + HOUR))
    await desk.ask(inquiry(reference="CLOSED"))
    async with another_program(desk.database_url) as connection:
        record = await connection.fetchrow("SELECT outcome, facts::text FROM edi.audit WHERE bht03 = 'CLOSED'")
    assert record["outcome"] == "AAA"
    assert '"calendar"' in record["facts"]
