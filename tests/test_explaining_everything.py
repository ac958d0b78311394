"""Whatever was answered, computing it again gives the same: claims, closed hours, noise, questions asked again."""

import asyncio
import random
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.explaining.explanation import Explanation
from gateway.store.calendars import change_calendar
from gateway.store.claim_loading import load_claims
from gateway.store.loading import load_contracts
from rules.facts.service_hours import Maintenance, MaintenanceKind, ServiceCalendar
from tests.claims_desk import PENDED, RECEIVED, claim, open_claims_desk, status_inquiry
from tests.real_time import NOW, Answered, Desk, family, inquiry
from tests.test_door_end_to_end import mutated

pytestmark = pytest.mark.store

HOUR = timedelta(hours=1)
PAYER_ID = "99999"


@pytest.fixture
async def desk(database_url: str, redis_url: str) -> AsyncIterator[Desk]:
    async with open_claims_desk(database_url, redis_url, claim("CN-1")) as desk:
        yield desk


async def explained(desk: Desk, answer: Answered) -> Explanation:
    explanation = await desk.gateway.explainer.explain(f"{answer.control_number:09d}", "clinic", unmasked=True)
    assert explanation is not None
    return explanation


def told(answer: Answered) -> list[str]:
    """The segments without the envelope."""
    return [line for line in answer.segments if line.split("*")[0] not in ("ISA", "GS", "SE", "GE", "IEA")]


async def test_a_277_is_the_same_after_its_claim_has_moved_on(desk: Desk) -> None:
    answer = await desk.ask(status_inquiry())
    assert answer.outcome == "277"
    await load_claims(desk.database_url, [claim("CN-1", RECEIVED, PENDED)])
    explanation = await explained(desk, answer)
    assert explanation.is_same
    assert [line.rstrip("~") for line in explanation.answer] == told(answer)
    assert "claim" in {fact.kind for fact in explanation.facts}


async def test_that_the_function_was_closed_is_told_and_the_answer_is_the_same_when_it_is_open(desk: Desk) -> None:
    def close(calendar: ServiceCalendar) -> ServiceCalendar:
        window = Maintenance(NOW - HOUR, NOW + HOUR, "UPGRADE", MaintenanceKind.EMERGENCY, NOW)
        return replace(calendar, maintenance=(window,))

    await change_calendar(desk.database_url, PAYER_ID, close)
    answer = await desk.ask(inquiry())
    await change_calendar(desk.database_url, PAYER_ID, lambda calendar: replace(calendar, maintenance=()))
    explanation = await explained(desk, answer)
    assert explanation.is_same
    assert explanation.hours is not None
    assert (explanation.hours.is_open, explanation.hours.reason, explanation.hours.detail) == (
        False,
        "maintenance",
        "UPGRADE",
    )
    assert [refusal.code for refusal in explanation.patients[0].refusals] == ["42"]


async def test_questions_asked_again_are_explained_each_by_itself(desk: Desk) -> None:
    answers = [await desk.ask(inquiry(reference=f"R{number}")) for number in range(3)]
    await load_contracts(desk.database_url, [family("250")])
    answers.append(await desk.ask(inquiry(reference="R4")))
    explanations = [await explained(desk, answer) for answer in answers]
    assert [explanation.is_same for explanation in explanations] == [True] * 4
    assert len({explanation.trace for explanation in explanations}) == 4
    assert [explanation.references["BHT03"] for explanation in explanations] == ["R0", "R1", "R2", "R4"]


async def test_whatever_comes_the_answer_is_the_same_again(desk: Desk) -> None:
    chance = random.Random(271)
    good = (inquiry(), inquiry(below="NM1*03*1*QUILLFEATHER*TAM~DMG*D8*20150301~"), status_inquiry())
    sent = [mutated(chance.choice(good), chance) for _ in range(300)]
    answers = await asyncio.gather(*map(desk.ask, sent))
    await load_contracts(desk.database_url, [family("499")])
    for data, answer in zip(sent, answers, strict=True):
        explanation = await explained(desk, answer)
        assert explanation.is_same, data
        assert explanation.outcome == answer.outcome
        assert explanation.patients or explanation.faults
