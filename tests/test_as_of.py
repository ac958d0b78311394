"""What would have been answered earlier, on what was known then, from the histories that PostgreSQL keeps."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from gateway.configuration import configuration_of
from gateway.settings import Settings
from gateway.store import administration
from gateway.store.loading import load_contracts, load_plans, load_providers
from rules.facts import Function
from tests.real_time import GROUP, NOW, PLAN, Answered, Desk, entitle, family, inquiry, open_desk
from tests.store_support import another_program

pytestmark = pytest.mark.store

CONFIGURATION = configuration_of(Settings())
MICROSECOND = timedelta(microseconds=1)


@pytest.fixture
async def desk(database_url: str, redis_url: str) -> AsyncIterator[Desk]:
    async with open_desk(database_url, redis_url) as desk:
        yield desk


async def as_of(desk: Desk, known_at: datetime, data: bytes = b"", at: datetime = NOW) -> Answered:
    """The answer at a moment, on what was known at another."""
    draft = await desk.gateway.explainer.answer_as_of(data or inquiry(), CONFIGURATION, known_at, at)
    assert draft is not None
    return Answered(draft.outcome, draft.write(1).decode())


async def clock(desk: Desk) -> datetime:
    """PostgreSQL's own time, with a moment before and after it that belongs to nothing else."""
    async with another_program(desk.database_url) as connection:
        await connection.execute("SELECT pg_sleep(0.002)")
        now: datetime = await connection.fetchval("SELECT clock_timestamp()")
        await connection.execute("SELECT pg_sleep(0.002)")
    return now


def remaining(answer: Answered) -> str:
    """What is left of the deductible."""
    (line,) = [line for line in answer.of("EB") if "*29*" in line]
    return line.split("*")[7]


async def test_before_a_change_the_former_coverage_is_told(desk: Desk) -> None:
    before = await clock(desk)
    await load_contracts(desk.database_url, [family("310")])
    assert remaining(await as_of(desk, before)) == "379.5"
    assert remaining(await as_of(desk, await clock(desk))) == "190"


async def test_now_is_what_is_answered_now(desk: Desk) -> None:
    answered = await desk.ask(inquiry())
    assert (await as_of(desk, await clock(desk))).of("EB") == answered.of("EB")


async def test_before_a_correction_the_mistake_is_told(desk: Desk) -> None:
    await load_contracts(desk.database_url, [family(plan_id="NOWHERE")])
    mistaken = await clock(desk)
    await load_contracts(desk.database_url, [family()])
    assert "AAA*Y**42*P" in (await as_of(desk, mistaken)).segments
    assert (await as_of(desk, await clock(desk))).outcome == "271"


async def test_at_the_very_moment_of_a_change_the_new_version_counts(desk: Desk) -> None:
    await load_contracts(desk.database_url, [family("310")])
    async with another_program(desk.database_url) as connection:
        changed_at = await connection.fetchval("SELECT recorded_at FROM edi.contract WHERE id = 'C1'")
    assert remaining(await as_of(desk, changed_at)) == "190"
    assert remaining(await as_of(desk, changed_at - MICROSECOND)) == "379.5"


async def test_before_anything_was_known_nobody_is_found(desk: Desk) -> None:
    answer = await as_of(desk, datetime(2020, 1, 1, tzinfo=UTC))
    assert "AAA*N**51*C" in answer.segments


async def test_a_plan_is_told_as_it_was(desk: Desk) -> None:
    before = await clock(desk)
    await load_plans(desk.database_url, [replace(PLAN, name="PLATINUM")])
    assert "EB*1**30*PR*GOLD PPO 500" in (await as_of(desk, before)).segments
    assert "EB*1**30*PR*PLATINUM" in (await as_of(desk, await clock(desk))).segments
    await load_plans(desk.database_url, [PLAN])


async def test_a_person_is_found_by_the_name_of_that_time(desk: Desk) -> None:
    before = await clock(desk)
    newly = family()
    renamed = replace(newly.persons[0], last_name="NEWNAME", former_last_names=())
    await load_contracts(desk.database_url, [replace(newly, persons=(renamed, *newly.persons[1:]))])
    by_name = inquiry(member_id="")
    assert (await as_of(desk, before, by_name)).outcome == "271"
    assert (await as_of(desk, await clock(desk), by_name)).outcome == "AAA"
    await load_contracts(desk.database_url, [newly])


async def test_somebody_deleted_is_found_as_of_then(desk: Desk) -> None:
    before = await clock(desk)
    async with another_program(desk.database_url) as connection:
        await connection.execute("DELETE FROM edi.contract")
    assert (await as_of(desk, before)).outcome == "271"
    assert "AAA*N**75*C" in (await as_of(desk, await clock(desk))).segments


async def test_entitlements_count_as_they_were(desk: Desk) -> None:
    held = await clock(desk)
    await administration.revoke(desk.database_url, "clinic", "990000001", Function.ELIGIBILITY, "manager")
    revoked = await clock(desk)
    await entitle(desk.database_url)
    outcomes = [(await as_of(desk, moment)).outcome for moment in (held, revoked, await clock(desk))]
    assert outcomes == ["271", "AAA", "271"]


async def test_providers_count_as_they_were(desk: Desk) -> None:
    before = await clock(desk)
    await load_providers(desk.database_url, [replace(GROUP, may_inquire=False)])
    silenced = await clock(desk)
    await load_providers(desk.database_url, [replace(GROUP, identifiers=GROUP.identifiers[:0])])
    nameless = await clock(desk)
    await load_providers(desk.database_url, [replace(GROUP, tins=("990000009",))])
    moved = await clock(desk)
    await load_providers(desk.database_url, [GROUP])
    codes = [
        [line.split("*")[3] for line in (await as_of(desk, moment)).of("AAA")]
        for moment in (before, silenced, nameless, moved, await clock(desk))
    ]
    assert codes == [[], ["50"], ["51"], ["41"], []]


async def test_an_update_that_changes_nothing_leaves_no_history(desk: Desk) -> None:
    async with another_program(desk.database_url) as connection:
        count = "SELECT count(*) FROM edi.provider_history"
        before = await connection.fetchval(count)
        await connection.execute("UPDATE edi.provider SET name = name")
        assert await connection.fetchval(count) == before


async def test_the_day_asked_and_the_day_known_are_two(desk: Desk) -> None:
    known_at = await clock(desk)
    answer = await as_of(desk, known_at, at=NOW.replace(month=3, day=2))
    assert answer.of("BHT")[0].split("*")[4] == "20260302"
    entitled_from = datetime(2026, 1, 1, tzinfo=UTC)
    assert (await as_of(desk, known_at, at=entitled_from)).outcome == "271"
    assert "AAA*Y**41*N" in (await as_of(desk, known_at, at=entitled_from - MICROSECOND)).segments
    assert date(2026, 3, 2) < known_at.date()


async def test_whose_address_is_nobodys_is_not_answered(desk: Desk) -> None:
    for data in (inquiry(sender="NOBODY"), b"noise", b""):
        assert await desk.gateway.explainer.answer_as_of(data, CONFIGURATION, NOW, NOW) is None


async def test_nothing_is_recorded(desk: Desk) -> None:
    async with another_program(desk.database_url) as connection:
        count = "SELECT count(*) FROM edi.audit"
        before = await connection.fetchval(count)
        await as_of(desk, NOW)
        assert await connection.fetchval(count) == before
