"""Requests of a batch that come while their function is closed: refused, or held until it opens and answered once."""

import asyncio
import itertools
import json
import random
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from typer.testing import CliRunner

from edi.errors import CallerError, Outage
from gateway.application import open_gateway
from gateway.cli import app
from gateway.doors.keys import BearerKeys
from gateway.pipeline import Reply
from gateway.reviews.holding import WITHDRAWN, BatchPipeline, Held, HoldingDesk
from gateway.settings import Settings
from gateway.store import administration
from gateway.store.calendars import change_calendar
from gateway.store.fact import Fact
from gateway.store.held_requests import HeldRegister, HeldResult, open_held_requests
from rules.facts import Function, Submitter
from rules.facts.service_hours import DEFAULT_CALENDAR, Maintenance, MaintenanceKind, Mode, ServiceCalendar
from rules.service_hours import Course, Receipt, receipt
from tests.real_time import Desk, inquiry
from tests.review_desk import PAYER_ID, open_review_desk, request
from tests.store_support import another_program, until

PRECERTIFICATION = Function.PRECERTIFICATION
CLOSED = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
"""Sunday, 11 p.m. in New York."""
OPENS = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
"""Monday, 5 a.m."""
INSTANT = timedelta(microseconds=1)
HOLDS = replace(DEFAULT_CALENDAR, held_in_batch=(PRECERTIFICATION,))

_numbers = itertools.count(1)


@dataclass
class Batches:
    """A desk that takes requests of batches, and who hands them over."""

    desk: Desk
    holding: HoldingDesk

    async def submitter(self) -> Fact[Submitter]:
        return await BearerKeys(self.desk.gateway.facts).authenticate(f"Bearer {self.desk.key}".encode())

    async def take(self, data: bytes, reference: str, moment: datetime = CLOSED) -> Reply | Held:
        return await self.holding.take(data, await self.submitter(), moment, reference)

    async def result(self, reference: str) -> HeldResult:
        result = await self.holding.result("clinic", reference)
        assert result is not None
        return result

    async def value(self, statement: str, *values: object) -> Any:
        async with another_program(self.desk.database_url) as connection:
            return await connection.fetchval(statement, *values)


@pytest.fixture
async def batches(database_url: str, redis_url: str) -> AsyncIterator[Batches]:
    await hold(database_url, PRECERTIFICATION)
    async with open_review_desk(database_url, redis_url) as desk:
        yield Batches(desk, desk.gateway.holding)


@pytest.fixture
def name() -> str:
    """A reference and trace number that no other test uses."""
    return f"HELD-{next(_numbers)}"


async def hold(database_url: str, *functions: Function) -> None:
    await change_calendar(database_url, PAYER_ID, lambda calendar: replace(calendar, held_in_batch=functions))


def segments(body: bytes | None, *identifiers: str) -> list[str]:
    assert body is not None
    return [line for line in body.decode().split("~") if line.split("*")[0] in identifiers]


@pytest.mark.parametrize(
    ("calendar", "moment", "mode", "expected"),
    [
        (DEFAULT_CALENDAR, CLOSED, Mode.BATCH, Receipt(Course.REFUSE, OPENS)),
        (HOLDS, CLOSED, Mode.BATCH, Receipt(Course.HOLD, OPENS)),
        (HOLDS, CLOSED, Mode.REAL_TIME, Receipt(Course.REFUSE, OPENS)),
        (HOLDS, OPENS, Mode.BATCH, Receipt(Course.ANSWER)),
        (HOLDS, OPENS - INSTANT, Mode.BATCH, Receipt(Course.HOLD, OPENS)),
        (replace(HOLDS, windows=HOLDS.windows[:0]), CLOSED, Mode.BATCH, Receipt(Course.ANSWER)),
    ],
    ids=["refused unless chosen", "held", "never in real time", "open", "the instant before", "always open"],
)
def test_what_becomes_of_a_request_follows_from_calendar_moment_and_mode(
    calendar: ServiceCalendar, moment: datetime, mode: Mode, expected: Receipt
) -> None:
    assert receipt(calendar, PRECERTIFICATION, moment, mode) == expected


@pytest.mark.store
async def test_a_batch_outside_the_hours_is_refused_request_by_request_unless_the_operator_lets_it_wait(
    batches: Batches, name: str
) -> None:
    await hold(batches.desk.database_url)
    reply = await batches.take(request(trace=name), name)
    assert isinstance(reply, Reply)
    assert reply.outcome == "AAA"
    assert segments(reply.body, "AAA") == ["AAA*N**42*P"]
    mode = await batches.value("SELECT mode FROM edi.audit ORDER BY audit_id DESC LIMIT 1")
    assert mode == "batch"
    assert await batches.holding.result("clinic", name) is None


@pytest.mark.store
async def test_a_request_is_held_and_nothing_is_decided_before_its_function_opens(batches: Batches, name: str) -> None:
    before = await batches.value("SELECT count(*) FROM edi.review")
    held = await batches.take(request(trace=name), name)
    assert isinstance(held, Held)
    assert held.opens_at == OPENS
    assert await batches.holding.release(OPENS - INSTANT) == 0
    result = await batches.result(name)
    assert (result.outcome, result.opens_at, result.received_at) == (None, OPENS, CLOSED)
    assert await batches.value("SELECT count(*) FROM edi.review") == before


@pytest.mark.store
async def test_a_held_request_is_answered_at_the_opening_and_its_receipt_stays_the_moment_when_it_came(
    batches: Batches, name: str
) -> None:
    await batches.take(request(trace=name), name)
    assert await batches.holding.release(OPENS) >= 1
    result = await batches.result(name)
    assert (result.outcome, result.opens_at) == ("278", None)
    hcr = segments(result.body, "HCR")[0]
    number = hcr.removeprefix("HCR*A1*")
    assert await batches.value("SELECT received_at FROM edi.review WHERE certification_number = $1", number) == CLOSED
    assert "DTP*102*D8*20261123" in segments(result.body, "DTP")
    received, mode = await batches.value(
        "SELECT (received_at, mode) FROM edi.audit WHERE trn02 = $1 AND outcome = '278'", name
    )
    assert (received, mode) == (CLOSED, "batch")
    assert await batches.holding.release(OPENS) == 0


@pytest.mark.store
async def test_the_same_reference_is_held_once(batches: Batches, name: str) -> None:
    first = await batches.take(request(trace=name), name)
    assert await batches.take(request(trace=name), name, CLOSED + timedelta(minutes=5)) == first
    await batches.holding.release(OPENS)
    assert await batches.take(request(trace=name), name, CLOSED + timedelta(minutes=6)) == first
    assert (await batches.result(name)).outcome == "278"
    assert await batches.value("SELECT count(*) FROM edi.held_waiting") == 0


@pytest.mark.store
async def test_what_is_open_is_answered_at_once(batches: Batches, name: str) -> None:
    reply = await batches.take(inquiry(), name)
    assert isinstance(reply, Reply)
    assert reply.outcome == "271"
    reply = await batches.take(request(trace=name), name, OPENS)
    assert isinstance(reply, Reply)
    assert reply.outcome == "278"


@pytest.mark.store
async def test_maintenance_over_the_opening_lets_requests_wait_until_it_is_over(batches: Batches, name: str) -> None:
    await batches.take(request(trace=name), name)
    window = Maintenance(
        OPENS - timedelta(hours=1), OPENS + timedelta(hours=2), "UP", MaintenanceKind.EMERGENCY, CLOSED
    )
    database_url = batches.desk.database_url
    await change_calendar(database_url, PAYER_ID, lambda calendar: replace(calendar, maintenance=(window,)))
    assert await batches.holding.release(OPENS) == 0
    assert (await batches.result(name)).opens_at == window.ends
    assert await batches.holding.release(window.ends - INSTANT) == 0
    assert await batches.holding.release(window.ends) == 1
    assert (await batches.result(name)).outcome == "278"
    await change_calendar(database_url, PAYER_ID, lambda calendar: replace(calendar, maintenance=()))


@pytest.mark.store
async def test_a_held_request_is_answered_under_another_key_of_its_submitter_and_without_any_not_at_all(
    batches: Batches, name: str
) -> None:
    await batches.take(request(trace=name), name)
    await batches.take(request(trace=f"{name}-2"), f"{name}-2")
    database_url = batches.desk.database_url
    await administration.revoke_api_keys(database_url, "clinic")
    await administration.create_api_key(database_url, "clinic")
    submitter_key = await batches.value("SELECT credential_key FROM edi.held_request WHERE reference = $1", name)
    assert submitter_key is not None
    first = (await batches.holding._register.due(OPENS, 0, 1))[0]
    assert await batches.holding._release(first, OPENS)
    assert (await batches.result(name)).outcome == "278"
    await administration.revoke_api_keys(database_url, "clinic")
    await batches.holding.release(OPENS)
    result = await batches.result(f"{name}-2")
    assert (result.outcome, result.body) == (WITHDRAWN, b"")


@pytest.mark.store
async def test_an_entitlement_taken_back_meanwhile_counts(batches: Batches, name: str) -> None:
    await batches.take(request(trace=name), name)
    await administration.revoke(batches.desk.database_url, "clinic", "990000001", PRECERTIFICATION, "access manager")
    await batches.holding.release(OPENS)
    result = await batches.result(name)
    assert result.outcome == "AAA"
    assert segments(result.body, "AAA") == ["AAA*N**41*N"]


@pytest.mark.store
async def test_the_answer_to_a_held_request_is_explained_as_of_its_release(batches: Batches, name: str) -> None:
    await batches.take(request(trace=name), name)
    await batches.holding.release(OPENS + timedelta(minutes=3))
    (isa,) = segments((await batches.result(name)).body, "ISA")
    explanation = await batches.desk.gateway.explainer.explain(isa.split("*")[13], "clinic")
    assert explanation is not None
    assert explanation.is_same
    assert (explanation.received_at, explanation.released_at) == (CLOSED, OPENS + timedelta(minutes=3))
    assert explanation.hours is not None
    assert explanation.hours.is_open


class Faulty:
    """A pipeline with a fault that one request brings to light."""

    def __init__(self, pipeline: BatchPipeline, mark: bytes) -> None:
        self._pipeline = pipeline
        self._mark = mark

    async def answer_batched(
        self, data: bytes, submitter: Fact[Submitter], received_at: datetime, moment: datetime | None = None
    ) -> Reply:
        if self._mark in data:
            raise RuntimeError
        return await self._pipeline.answer_batched(data, submitter, received_at, moment)


@pytest.mark.store
async def test_a_request_that_cannot_be_answered_waits_and_keeps_up_no_other(batches: Batches, name: str) -> None:
    for number in range(3):
        await batches.take(request(trace=f"{name}-{number}"), f"{name}-{number}")
    gateway = batches.desk.gateway
    async with open_held_requests(batches.desk.database_url) as register:
        pipeline = Faulty(gateway.pipeline, f"{name}-0".encode())
        desk = HoldingDesk(pipeline, gateway.facts, register, gateway.calendar, gateway.metrics)
        assert await desk.release(OPENS) == 2
    assert [(await batches.result(f"{name}-{number}")).outcome for number in range(3)] == [None, "278", "278"]
    assert await batches.holding.release(OPENS) == 1


@pytest.mark.store
async def test_operators_see_what_waits(batches: Batches, name: str) -> None:
    await batches.take(request(trace=name), name)
    environment = {"EDI_GATEWAY_DATABASE_URL": batches.desk.database_url}
    listed = await asyncio.to_thread(lambda: CliRunner().invoke(app, ("hours", "held"), env=environment))
    assert f"clinic  {name}  received 2026-11-22 23:00 EST  opens 2026-11-23 05:00 EST" in listed.stdout.splitlines()
    asked = ("hours", "held", "--json")
    told = json.loads((await asyncio.to_thread(lambda: CliRunner().invoke(app, asked, env=environment))).stdout)
    assert {"submitter_id", "reference", "received_at", "opens_at"} == told[0].keys()
    await batches.holding.release(OPENS)


@pytest.mark.store
async def test_a_reference_names_one_request_and_another_under_it_is_refused(batches: Batches, name: str) -> None:
    held = await batches.take(request(trace=name), name)
    assert await batches.take(request(trace=name), name) == held
    with pytest.raises(CallerError):
        await batches.take(request(trace=f"{name}-2"), name)
    await batches.holding.release(OPENS)


class Dying(HeldRegister):
    """Loses its database as soon as an answer is to be kept, as a process does that is killed then."""

    async def answer(self, held_id: int, outcome: str, body: bytes) -> None:
        del held_id, outcome, body
        raise Outage("killed")


@pytest.mark.store
async def test_a_process_that_dies_after_the_commit_leaves_one_authorization_and_the_next_keeps_its_answer(
    batches: Batches, name: str
) -> None:
    before = await batches.value("SELECT count(*) FROM edi.review")
    await batches.take(request(trace=name), name)
    gateway = batches.desk.gateway
    async with open_held_requests(batches.desk.database_url) as register:
        dying = Dying(register._connections)
        doomed = HoldingDesk(gateway.pipeline, gateway.facts, dying, gateway.calendar, gateway.metrics)
        with pytest.raises(Outage):
            await doomed.release(OPENS)
    assert await batches.value("SELECT count(*) FROM edi.review") == before + 1
    assert (await batches.result(name)).outcome is None
    assert await batches.holding.release(OPENS + timedelta(minutes=1)) == 1
    result = await batches.result(name)
    assert result.body == await batches.value("SELECT body FROM edi.review_reply ORDER BY recorded_at DESC LIMIT 1")
    assert await batches.value("SELECT count(*) FROM edi.review") == before + 1


@pytest.mark.store
async def test_processes_that_are_stopped_at_any_moment_lose_and_double_nothing(
    batches: Batches, redis_url: str, name: str
) -> None:
    chance = random.Random(20261123)
    before = await batches.value("SELECT count(*) FROM edi.review")
    references = [f"{name}-{number}" for number in range(40)]
    await asyncio.gather(*(batches.take(request(trace=each), each) for each in references))
    settings = Settings(database_url=batches.desk.database_url, redis_url=redis_url)
    for _ in range(12):
        async with open_gateway(settings) as gateway, open_gateway(settings) as other:
            at_work = [asyncio.create_task(each.holding.release(OPENS)) for each in (gateway, other)]
            await asyncio.wait(at_work, timeout=chance.uniform(0, 0.4))
            for task in at_work:
                task.cancel()
            await asyncio.gather(*at_work, return_exceptions=True)
    await batches.holding.release(OPENS)
    results = [await batches.result(each) for each in references]
    assert {result.outcome for result in results} == {"278"}
    numbers = {segments(result.body, "HCR")[0] for result in results}
    assert len(numbers) == len(references)
    assert await batches.value("SELECT count(*) FROM edi.review") == before + len(references)


RELEASING = """
import asyncio, sys
from datetime import datetime
from gateway.application import open_gateway
from gateway.settings import Settings

async def release(database_url, redis_url, moment):
    async with open_gateway(Settings(database_url=database_url, redis_url=redis_url)) as gateway:
        print("ready", flush=True)
        print(await gateway.holding.release(datetime.fromisoformat(moment)), flush=True)

asyncio.run(release(*sys.argv[1:]))
"""

SLOW_REVIEWS = (
    "CREATE FUNCTION public.rest() RETURNS trigger LANGUAGE plpgsql AS"
    " $$ BEGIN PERFORM pg_sleep(0.05); RETURN NEW; END $$",
    "CREATE TRIGGER rest BEFORE INSERT ON edi.review FOR EACH ROW EXECUTE FUNCTION public.rest()",
)
"""Lets who files reviews be killed before all are there, however busy the one who kills is."""


@pytest.mark.store
async def test_a_killed_process_loses_and_doubles_nothing(batches: Batches, redis_url: str, name: str) -> None:
    chance = random.Random(278)
    before = await batches.value("SELECT count(*) FROM edi.review")
    references = [f"{name}-{number}" for number in range(60)]
    await asyncio.gather(*(batches.take(request(trace=each), each) for each in references))
    left = []
    for statement in SLOW_REVIEWS:
        await batches.value(statement)
    for _ in range(3):
        arguments = (sys.executable, "-c", RELEASING, batches.desk.database_url, redis_url, OPENS.isoformat())
        process = await asyncio.create_subprocess_exec(*arguments, stdout=asyncio.subprocess.PIPE)
        assert process.stdout is not None
        assert await process.stdout.readline() == b"ready\n"
        on_file = await batches.value("SELECT count(*) FROM edi.review") + chance.randint(1, 12)
        await until(lambda on_file=on_file: _is_on_file(batches, on_file))
        process.kill()
        await process.wait()
        left.append(await batches.value("SELECT count(*) FROM edi.held_waiting"))
    await batches.value("DROP FUNCTION public.rest() CASCADE")
    await until(lambda: _answered(batches))
    assert left == sorted(left, reverse=True)
    assert left[-1] > 0
    results = [await batches.result(each) for each in references]
    assert {result.outcome for result in results} == {"278"}
    assert len({segments(result.body, "HCR")[0] for result in results}) == len(references)
    assert await batches.value("SELECT count(*) FROM edi.review") == before + len(references)


async def _is_on_file(batches: Batches, reviews: int) -> bool:
    counted: int = await batches.value("SELECT count(*) FROM edi.review")
    return counted >= reviews


async def _answered(batches: Batches) -> bool:
    """Whether nothing waits, after another attempt: the killed process's turn ends with its connection."""
    await batches.holding.release(OPENS)
    return not await batches.value("SELECT count(*) FROM edi.held_waiting")


@pytest.mark.store
@pytest.mark.parametrize("table", ["held_request", "held_release", "held_answer", "review_reply"])
@pytest.mark.parametrize(
    "statement", ["UPDATE edi.{} SET recorded_at = now()", "DELETE FROM edi.{}", "TRUNCATE edi.{} CASCADE"]
)
async def test_what_was_held_and_answered_is_not_rewritten(batches: Batches, table: str, statement: str) -> None:
    with pytest.raises(Exception, match="is refused"):
        await batches.value(statement.format(table))
