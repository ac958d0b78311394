"""Why an answer was what it was, worked out from what is on record, on real PostgreSQL and Valkey."""

import re
from collections.abc import AsyncIterator
from dataclasses import asdict, replace
from typing import Any

import msgspec
import pytest

from edi.aaa import RejectReason
from edi.aaa_meanings import meaning_of
from gateway.explaining.explainer import Explainer
from gateway.explaining.explanation import Explanation
from gateway.store import administration
from gateway.store.keys import Kind
from gateway.store.loading import load_contracts, load_plans, load_providers
from rules.facts import Function
from tests.real_time import CLINIC, GROUP, PLAN, Answered, Desk, entitle, envelope, family, inquiry, open_desk
from tests.store_support import another_program

pytestmark = pytest.mark.store

MARKS = ("QUILLFEATHER", "ODA", "TAM", "W100000001", "19800131", "1980-01-31", "20150301", "2015-03-01")
DEPENDENT = "NM1*03*1*QUILLFEATHER*TAM~DMG*D8*20150301~"


@pytest.fixture
async def desk(database_url: str, redis_url: str) -> AsyncIterator[Desk]:
    async with open_desk(database_url, redis_url) as desk:
        yield desk


@pytest.fixture
def explainer(desk: Desk) -> Explainer:
    return desk.gateway.explainer


def trace_of(answer: Answered) -> str:
    """Our own trace number, as the submitter finds it."""
    (trace,) = [segment.split("*")[2] for segment in answer.of("TRN") if segment.startswith("TRN*1*")]
    return trace


def number_of(answer: Answered) -> str:
    """ISA13 of the answer."""
    return answer.of("ISA")[0].split("*")[13]


async def explained(explainer: Explainer, answer: Answered, **options: Any) -> Explanation:
    explanation = await explainer.explain(number_of(answer), "clinic", **options)
    assert explanation is not None
    return explanation


async def test_an_answer_is_explained_line_by_line(desk: Desk, explainer: Explainer) -> None:
    answer = await desk.ask(inquiry(reference="EXPLAIN-ME"))
    explanation = await explainer.explain(trace_of(answer))
    assert explanation is not None
    assert (explanation.submitter_id, explanation.outcome, explanation.is_same) == ("clinic", "271", True)
    assert explanation.received_at == desk.now
    assert explanation.references["BHT03"] == "EXPLAIN-ME"
    (patient,) = explanation.patients
    assert (patient.asker.identifier, patient.asker.provider_id, patient.asker.name) == (
        "1234567893",
        "P1",
        "RIVERBEND GROUP",
    )
    assert (patient.asker.tin, patient.asker.function, patient.asker.granted_by) == (
        "990000001",
        "eligibility",
        "access manager",
    )
    assert patient.match is not None
    assert tuple(patient.match.searched_by) == ("member id",)
    assert tuple(patient.match.matched_by) == ("member id", "last name", "first name", "birth date")
    assert [line.segments[0].rstrip("~") for line in patient.lines] == answer.of("EB")
    assert all(line.rule and line.source for line in patient.lines)
    by_segment = {line.segments[0]: line for line in patient.lines}
    assert (by_segment["EB*B**98***27*25*****Y~"].rule, by_segment["EB*B**98***27*25*****Y~"].source) == (
        "co-payment",
        "plan GOLD benefits[1].costs[0]",
    )
    assert {fact.kind for fact in explanation.facts} == {"calendar", "member", "plan", "provider", "entitlement"}
    assert {"check", "look_up", "decide", "write"} <= set(explanation.stages)


async def test_a_dependents_answer_is_explained(desk: Desk, explainer: Explainer) -> None:
    explanation = await explained(explainer, await desk.ask(inquiry(below=DEPENDENT)))
    (patient,) = explanation.patients
    assert [member.loop for member in patient.members] == ["2100C", "2100D"]
    assert explanation.is_same


async def test_a_replay_gives_the_same_answer_after_everything_has_changed(desk: Desk, explainer: Explainer) -> None:
    answer = await desk.ask(inquiry())
    before = await explained(explainer, answer, unmasked=True)
    await load_contracts(desk.database_url, [family("400")])
    await load_plans(desk.database_url, [replace(PLAN, name="ANOTHER NAME")])
    await load_providers(desk.database_url, [replace(GROUP, name="ANOTHER GROUP", tins=("990000002",))])
    await administration.revoke(desk.database_url, "clinic", "990000001", Function.ELIGIBILITY, "manager")
    await administration.save_submitter(desk.database_url, replace(CLINIC, name="ANOTHER CLINIC"))
    assert (await desk.ask(inquiry())).outcome == "AAA"
    after = await explained(explainer, answer, unmasked=True)
    assert after.is_same
    assert after.patients == before.patients


async def test_a_replay_gives_the_same_answer_after_a_correction_and_a_deletion(
    desk: Desk, explainer: Explainer
) -> None:
    first = await desk.ask(inquiry())
    await load_contracts(desk.database_url, [family("310")])
    second = await desk.ask(inquiry())
    async with another_program(desk.database_url) as connection:
        await connection.execute("DELETE FROM edi.contract")
    third = await desk.ask(inquiry())
    assert third.outcome == "AAA"
    explanations = [await explained(explainer, answer, unmasked=True) for answer in (first, second, third)]
    assert all(explanation.is_same for explanation in explanations)
    for answer, explanation in zip((first, second, third), explanations, strict=True):
        assert [segment.rstrip("~") for segment in explanation.answer if segment.startswith("EB*")] == answer.of("EB")


async def test_that_nobody_was_found_is_explained_also_when_somebody_is_there_by_now(
    desk: Desk, explainer: Explainer
) -> None:
    answer = await desk.ask(inquiry(member_id="W100000077"))
    newcomer = replace(family(), contract_id="C77", subscriber_id="W100000077")
    await load_contracts(desk.database_url, [newcomer])
    explanation = await explained(explainer, answer)
    assert explanation.is_same
    (refusal,) = explanation.patients[0].refusals
    assert (refusal.loop, refusal.code, refusal.action) == ("2100C", "75", "C")
    assert refusal.meaning == "no such subscriber is on file"
    assert [fact.version for fact in explanation.facts if fact.kind == "member"] == [0]


@pytest.mark.parametrize(
    ("npi", "code", "element"),
    [("1234567894", "43", "NM108, NM109"), ("1999999992", "51", "NM108, NM109"), ("1111111112", "41", "NM109")],
)
async def test_who_may_not_ask_is_told_which_rule_and_element(
    desk: Desk, explainer: Explainer, npi: str, code: str, element: str
) -> None:
    explanation = await explained(explainer, await desk.ask(inquiry(npi=npi)))
    (patient,) = explanation.patients
    assert [(refusal.code, refusal.element) for refusal in patient.refusals] == [(code, element)]
    assert (patient.match, patient.lines, patient.asker.tin) == (None, (), "")
    assert explanation.is_same


async def test_a_999_is_explained_by_segment_and_element(desk: Desk, explainer: Explainer) -> None:
    data = inquiry().replace(b"NM1*1P*2*RIVERBEND GROUP*****XX*1234567893~", b"").replace(b"SE*12", b"SE*11")
    explanation = await explained(explainer, await desk.ask(data))
    assert (explanation.outcome, explanation.is_same, explanation.patients) == ("999", True, ())
    (fault,) = explanation.faults
    assert (fault.code, fault.place) == ("IK3 3", "transaction set 0001, segment 6, loop 2100B")
    assert fault.meaning.endswith("a required segment is missing")


@pytest.mark.parametrize("data", [b"", b"\x00\xff noise", inquiry(sender="SOMEBODYELSE"), inquiry() + inquiry()])
async def test_a_ta1_is_explained(desk: Desk, explainer: Explainer, data: bytes) -> None:
    explanation = await explained(explainer, await desk.ask(data))
    assert (explanation.outcome, explanation.is_same) == ("TA1", True)
    assert explanation.faults[0].code.startswith("TA1 ")
    assert explanation.faults[0].mend


async def test_a_set_that_nobody_answers_is_explained(desk: Desk, explainer: Explainer) -> None:
    unanswered = inquiry().decode().split("ST*")[1].split("GE*")[0].replace("BHT*0022*13*", "BHT*0022*36*")
    explanation = await explained(explainer, await desk.ask(envelope(f"ST*{unanswered}")))
    assert (explanation.outcome, explanation.is_same) == ("999", True)
    assert explanation.faults


async def test_an_answer_is_found_by_its_control_number_within_its_submitter_only(
    desk: Desk, explainer: Explainer
) -> None:
    answer = await desk.ask(inquiry())
    assert await explainer.explain(number_of(answer), "clinic") is not None
    assert await explainer.explain(number_of(answer), "another") is None
    assert await explainer.explain(number_of(answer)) is None


@pytest.mark.parametrize("number", ["", "nobody", "0" * 32, "A\0B", "'", "9" * 400])
async def test_a_number_that_no_answer_has_explains_nothing(explainer: Explainer, number: str) -> None:
    assert await explainer.explain(number) is None
    assert await explainer.explain(number, "clinic") is None


async def test_somebody_elses_answer_is_not_explained(desk: Desk, explainer: Explainer) -> None:
    trace = trace_of(await desk.ask(inquiry()))
    assert await explainer.explain(trace, "another") is None
    assert await explainer.explain(trace, "clinic") is not None


async def test_masked_explanations_name_nobody(desk: Desk, explainer: Explainer) -> None:
    asked = (
        inquiry(),
        inquiry(below=DEPENDENT),
        inquiry(member_id=""),
        inquiry(born="19800201"),
        inquiry(name="QUILLFEATHER*WRONG"),
        inquiry(member_id="W100000001X"),
        inquiry().replace(b"~DMG*", b"~QUILLFEATHER*1~DMG*").replace(b"SE*12", b"SE*13"),
        inquiry().replace(b"EQ*98", b"EQ*QUILLFEATHER"),
        inquiry(sender="QUILLFEATHER"),
    )
    for data in asked:
        explanation = await explained(explainer, await desk.ask(data))
        told = msgspec.json.encode(explanation).decode() + repr(explanation)
        assert not [mark for mark in MARKS if re.search(rf"\b{mark}\b", told)], data
        unmasked = await explained(explainer, await desk.ask(data), unmasked=True)
        assert not [mark for mark in MARKS if re.search(rf"\b{mark}\b", repr(unmasked))], data


async def test_unmasked_explanations_name_the_patient_and_hold_the_answer(desk: Desk, explainer: Explainer) -> None:
    answer = await desk.ask(inquiry())
    explanation = await explained(explainer, answer, unmasked=True)
    (member,) = explanation.patients[0].members
    assert asdict(member) == {
        "loop": "2100C",
        "last_name": "QUILLFEATHER",
        "first_name": "ODA",
        "member_id": "W100000001",
        "birth_date": "1980-01-31",
    }
    told = [segment.rstrip("~") for segment in explanation.answer]
    assert told == [segment for segment in answer.segments if segment.split("*")[0] not in ENVELOPE]


ENVELOPE = frozenset({"ISA", "GS", "SE", "GE", "IEA"})


async def test_a_changed_answer_is_noticed(desk: Desk, explainer: Explainer) -> None:
    answer = await desk.ask(inquiry())
    async with another_program(desk.database_url) as connection:
        await connection.execute("ALTER TABLE edi.kept_inquiry DISABLE TRIGGER only_grows")
        await connection.execute("UPDATE edi.kept_inquiry SET payload = $1", inquiry(asked="EQ*30~"))
    assert not (await explained(explainer, answer)).is_same


async def test_every_kind_of_fact_is_kept_at_the_version_that_an_answer_names(desk: Desk) -> None:
    await desk.ask(inquiry())
    async with another_program(desk.database_url) as connection:
        kept = await connection.fetch(
            """SELECT DISTINCT split_part(key, '/', 1) AS kind FROM edi.fact_document JOIN edi.fact_version
            USING (fact_id, version)"""
        )
        assert {row["kind"] for row in kept} >= {"member", "plan", "provider", "entitlement", "credential"}
        for kind in Kind:
            assert await connection.fetchval("SELECT edi.document($1)::text", f"{kind}/nobody") in ("null", "[]")


@pytest.mark.parametrize("reason", list(RejectReason))
def test_every_reject_reason_has_a_meaning(reason: RejectReason) -> None:
    meaning = meaning_of(reason)
    assert meaning.meaning
    assert meaning.mend.endswith(".")


async def test_an_entitlement_given_back_does_not_change_an_earlier_refusal(desk: Desk, explainer: Explainer) -> None:
    await administration.revoke(desk.database_url, "clinic", "990000001", Function.ELIGIBILITY, "manager")
    answer = await desk.ask(inquiry())
    await entitle(desk.database_url)
    explanation = await explained(explainer, answer)
    assert explanation.is_same
    assert [refusal.code for refusal in explanation.patients[0].refusals] == ["41"]
