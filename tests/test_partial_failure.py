"""What a patient is told whose look-up failed: in a batch only that one, in real time the asker (RFI 1716)."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import pytest

from edi.errors import Outage
from gateway.configuration import configuration_of
from gateway.drafting import Draft, draft_answer
from gateway.exchange import Circumstances, local
from gateway.metrics import Mode
from gateway.reading import FactSource, Reading
from gateway.receiving import receive
from gateway.services import services_of
from gateway.settings import Settings
from gateway.stages import Stages
from gateway.store.fact import Fact
from parsers import check
from tests.real_time import CLINIC, NOW, Answered, Desk, envelope, inquiry, open_desk

pytestmark = pytest.mark.store

CONFIGURATION = configuration_of(Settings())


class FailsFor:
    """A source that cannot be asked for one key."""

    def __init__(self, facts: FactSource, key: str) -> None:
        self._facts = facts
        self._key = key

    def cached(self, key: str) -> Fact[Any] | None:
        return None if key == self._key else self._facts.cached(key)

    async def get(self, keys: Sequence[str]) -> Mapping[str, Fact[Any]]:
        if self._key in keys:
            raise Outage("not now")
        return await self._facts.get(keys)


@pytest.fixture
async def desk(database_url: str, redis_url: str) -> AsyncIterator[Desk]:
    async with open_desk(database_url, redis_url) as desk:
        yield desk


async def answered(desk: Desk, data: bytes, failing: str, mode: Mode) -> Answered:
    """The answer without what cannot be looked up."""
    services, stages, traces = services_of(CONFIGURATION), Stages(), iter(range(1, 100))
    received = receive(data, CLINIC, CONFIGURATION.payer, services, stages)
    circumstances = Circumstances(
        CLINIC,
        NOW,
        local(NOW, CONFIGURATION.zone),
        1,
        Reading(FailsFor(desk.gateway.facts, failing)),
        stages,
        lambda: f"TRACE{next(traces)}",
        mode,
    )
    draft: Draft = await draft_answer(received, circumstances, services)
    return Answered(draft.outcome, draft.write(1).decode())


def two_patients() -> bytes:
    """The subscriber and, in a transaction set of its own, somebody else."""
    first = inquiry().decode().split("ST*")[1].split("GE*")[0]
    second = inquiry(member_id="W200000002").decode().split("ST*")[1].split("GE*")[0]
    second = second.replace("270*0001", "270*0002").replace("*0001~", "*0002~")
    return envelope(f"ST*{first}ST*{second}")


async def test_in_a_batch_the_patient_whose_look_up_failed_is_told_and_the_rest_is_answered(desk: Desk) -> None:
    answer = await answered(desk, two_patients(), "member/id/W200000002", Mode.BATCH)
    assert answer.of("AAA") == ["AAA*Y**42*R"]
    assert "EB*1**30*PR*GOLD PPO 500" in answer.segments
    place = answer.segments.index("AAA*Y**42*R")
    assert answer.segments[place - 1] == "NM1*IL*1*QUILLFEATHER*ODA****MI*W200000002"
    assert "TRN*1*TRACE2*1990000000" in answer.segments
    assert check(answer.text.encode()).accepted


async def test_a_dependents_failure_is_told_at_the_dependent(desk: Desk) -> None:
    data = inquiry(below="NM1*03*1*QUILLFEATHER*TAM~DMG*D8*20150301~")
    answer = await answered(desk, data, "member/id/W100000001", Mode.BATCH)
    place = answer.segments.index("AAA*Y**42*R")
    assert answer.segments[place - 1].startswith("NM1*03*1*QUILLFEATHER*TAM")
    assert check(answer.text.encode()).accepted


@pytest.mark.parametrize("failing", ["plan/GOLD", "provider/XX/1234567893", "entitlement/clinic/990000001"])
async def test_whatever_cannot_be_looked_up_nothing_on_file_is_told(desk: Desk, failing: str) -> None:
    answer = await answered(desk, inquiry(name="QUILLFEATHER*ODA"), failing, Mode.BATCH)
    assert answer.of("AAA") == ["AAA*Y**42*R"]
    assert answer.of("EB", "INS", "N3") == []


async def test_in_real_time_the_payer_is_told_of_and_nothing_below(desk: Desk) -> None:
    answer = await answered(desk, inquiry(), "plan/GOLD", Mode.REAL_TIME)
    assert answer.of("AAA") == ["AAA*Y**42*P"]
    assert answer.of("HL") == ["HL*1**20*0"]
    assert check(answer.text.encode()).accepted
