"""Giving up what was asked long ago: the audit stays, and what is kept can be explained as before."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest
from typer.testing import CliRunner

from gateway.cli import app
from gateway.doors.keys import BearerKeys
from gateway.explaining.explainer import Explainer
from gateway.store.forgetting import Forgotten, forget_inquiries
from gateway.store.loading import load_contracts
from gateway.store.records import InquiryForgotten, open_records
from tests.real_time import NOW, Answered, Desk, family, inquiry, open_desk
from tests.store_support import another_program

pytestmark = pytest.mark.store

LONG_AGO = NOW - timedelta(days=100)
LIMIT = NOW - timedelta(days=50)
EVERYTHING = NOW + timedelta(days=1)


@pytest.fixture
async def desk(database_url: str, redis_url: str) -> AsyncIterator[Desk]:
    async with open_desk(database_url, redis_url) as opened:
        await forget_inquiries(database_url, EVERYTHING)
        yield opened


async def ask(desk: Desk, at: datetime = NOW, reference: str = "REF-1") -> Answered:
    desk.now = at
    return await desk.ask(inquiry(reference=reference))


def trace(answer: Answered) -> str:
    return answer.of("TRN")[-1].split("*")[2]


async def is_explained(desk: Desk, answer: Answered) -> bool:
    async with open_records(desk.database_url) as records:
        explanation = await Explainer(records).explain(trace(answer))
    assert explanation is not None
    return explanation.is_same


async def test_an_old_inquiry_is_given_up_and_its_record_says_so(desk: Desk) -> None:
    old, new = await ask(desk, LONG_AGO), await ask(desk)
    assert (await forget_inquiries(desk.database_url, LIMIT)).inquiries == 1
    with pytest.raises(InquiryForgotten, match="is on record, but the inquiry is not kept any more"):
        await is_explained(desk, old)
    assert await is_explained(desk, new)
    async with another_program(desk.database_url) as connection:
        outcome = await connection.fetchval("SELECT outcome FROM edi.answer WHERE answer_trace = $1", trace(old))
        assert outcome == "271"
        assert not await connection.fetchval(
            "SELECT count(*) FROM edi.kept_inquiry WHERE trace = $1 AND payload IS NOT NULL", trace(old)
        )


async def test_all_that_is_old_is_given_up_however_few_at_a_time(desk: Desk) -> None:
    for reference in ("A", "B", "C", "D", "E"):
        await ask(desk, LONG_AGO, reference=reference)
    assert (await forget_inquiries(desk.database_url, LIMIT, inquiries_per_transaction=2)).inquiries == 5
    assert (await forget_inquiries(desk.database_url, LIMIT)).inquiries == 0


async def test_past_facts_go_with_the_last_inquiry_that_rests_on_them_and_present_ones_stay(desk: Desk) -> None:
    await load_contracts(desk.database_url, [family("50")])
    await forget_inquiries(desk.database_url, EVERYTHING)
    first, second = await ask(desk, LONG_AGO), await ask(desk)
    await load_contracts(desk.database_url, [family("60")])
    third = await ask(desk, LONG_AGO, reference="LATER")
    assert await forget_inquiries(desk.database_url, LIMIT) == Forgotten(2, 0)
    assert await is_explained(desk, second)
    assert await forget_inquiries(desk.database_url, EVERYTHING) == Forgotten(1, 1)
    again = await ask(desk, reference="AGAIN")
    assert await is_explained(desk, again)
    assert len({trace(answer) for answer in (first, second, third, again)}) == 4


async def test_answers_go_on_and_can_be_explained_while_old_ones_are_given_up(desk: Desk) -> None:
    given: list[Answered] = []
    for round_ in range(6):
        forgetting = asyncio.create_task(forget_inquiries(desk.database_url, LIMIT))
        asking = [asyncio.create_task(ask(desk, reference=f"R{round_}{number}")) for number in range(20)]
        await load_contracts(desk.database_url, [family(str(100 + round_))])
        given += await asyncio.gather(*asking)
        await forgetting
    for answer in given:
        assert await is_explained(desk, answer)


async def test_a_submitter_is_told_that_it_is_not_kept_any_more(desk: Desk) -> None:
    old = await ask(desk, LONG_AGO, reference="OWN")
    await forget_inquiries(desk.database_url, LIMIT)
    caller = await BearerKeys(desk.gateway.facts).authenticate(f"Bearer {desk.key}".encode())
    with pytest.raises(InquiryForgotten):
        await desk.gateway.explainer.explain(trace(old), caller.value.submitter_id)
    assert await desk.gateway.explainer.explain(trace(old), "another") is None


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE edi.kept_inquiry SET payload = 'ISA'",
        "UPDATE edi.kept_inquiry SET payload = NULL, trace = 'X'",
        "UPDATE edi.fact_document SET version = version + 1",
        "DELETE FROM edi.fact_document",
        "TRUNCATE edi.fact_document",
    ],
)
async def test_nothing_else_can_be_changed_or_removed(desk: Desk, change: str) -> None:
    await ask(desk)
    async with another_program(desk.database_url) as connection:
        with pytest.raises(asyncpg.RestrictViolationError):
            await connection.execute(change)


async def test_the_command_tells_what_it_gave_up(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    old = await ask(desk, datetime(2001, 1, 1, tzinfo=UTC))
    monkeypatch.setenv("EDI_GATEWAY_DATABASE_URL", desk.database_url)
    said = await asyncio.to_thread(CliRunner().invoke, app, ["audit", "prune", "--older-than", "365"])
    assert (said.exit_code, said.output) == (0, "gave up 1 inquiries and 0 past facts; their records stay\n")
    refused = await asyncio.to_thread(
        CliRunner().invoke, app, ["explain", f"{old.control_number:09}", "--submitter", "clinic"]
    )
    assert refused.exit_code == 1
    assert "the inquiry is not kept any more" in refused.output
