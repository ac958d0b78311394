"""Why a 277 says what it says: who asked, by which entitlement, which rule over which part of a claim gave each STC."""

import io
from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from rich.console import Console

from edi.claim_status_codes import parse_status_code
from gateway.cli.explain_output import show
from gateway.explaining.explanation import Explanation
from gateway.store import administration
from rules.facts import Function
from rules.facts.claims import ServiceLine, StatusEvent
from tests.claims_desk import FAR_TIN, TIN, claim, open_claims_desk, status_inquiry
from tests.real_time import Answered, Desk

pytestmark = pytest.mark.store

MARKS = ("QUILLFEATHER", "ODA", "W100000001", "19800131", "1980-01-31", "K-CN-1")
DENIED = StatusEvent(date(2026, 9, 18), (parse_status_code("F2:84"),))
LINES = (ServiceLine("HC:99213", Decimal(200)), ServiceLine("HC:85025", Decimal(50), events=(DENIED,)))


@pytest.fixture
async def desk(database_url: str, redis_url: str) -> AsyncIterator[Desk]:
    claims = (claim("CN-1", lines=LINES), claim("FAR-1", billing_tin=FAR_TIN))
    async with open_claims_desk(database_url, redis_url, *claims) as desk:
        yield desk


async def explained(desk: Desk, answer: Answered, **options: Any) -> Explanation:
    explanation = await desk.gateway.explainer.explain(f"{answer.control_number:09d}", "clinic", **options)
    assert explanation is not None
    assert explanation.is_same
    return explanation


async def test_each_status_tells_its_rule_and_the_part_of_the_claim_behind_it(desk: Desk) -> None:
    explanation = await explained(desk, await desk.ask(status_inquiry()), unmasked=True)
    (patient,) = explanation.patients
    assert [(line.segments[0].split("*")[1], line.rule, line.source) for line in patient.lines] == [
        ("F1:65", "current status of the claim", "claim K-CN-1 events[1]"),
        ("F1:65", "line as its claim", "claim K-CN-1 events[1]"),
        ("F2:84", "current status of the line", "claim K-CN-1 lines[1].events[0]"),
    ]
    assert [line.meanings for line in patient.lines][1:] == [
        ("F1 65: paid, paid",),
        ("F2 84: denied, service not authorized",),
    ]
    assert (patient.asker.name, patient.asker.tin, patient.asker.granted_by) == (
        "RIVERBEND GROUP",
        TIN,
        "access manager",
    )
    assert patient.members[0].member_id == "W100000001"
    assert "claim" in {fact.kind for fact in explanation.facts}


async def test_what_stands_in_the_way_is_told_with_its_codes_in_words(desk: Desk) -> None:
    await administration.revoke(desk.database_url, "clinic", TIN, Function.CLAIM_STATUS, "access manager")
    explanation = await explained(desk, await desk.ask(status_inquiry()))
    (line,) = explanation.patients[0].lines
    assert (line.segments, line.rule, line.source) == (
        ("STC*E4:496:1P*20261121~",),
        "cannot be answered",
        "not entitled",
    )
    assert line.meanings == (
        "E4 496: against the trading partner agreement, submitter not approved on behalf of provider",
    )
    assert explanation.patients[0].asker.tin == ""


async def test_a_submitter_s_explanation_names_neither_patient_nor_the_payer_s_own_key(desk: Desk) -> None:
    explanation = await explained(desk, await desk.ask(status_inquiry()))
    assert not any(mark in msgspec.json.encode(explanation).decode() for mark in MARKS)
    assert explanation.patients[0].lines[0].source == "claim ***-1 events[1]"


async def test_a_claim_of_another_tin_and_one_that_is_not_there_are_explained_alike(desk: Desk) -> None:
    hidden, missing = [
        await explained(desk, await desk.ask(status_inquiry(f"REF*1K*{number}~"))) for number in ("FAR-1", "NOBODYS")
    ]
    assert hidden.patients == missing.patients
    assert hidden.facts == missing.facts


async def test_it_is_printed_for_people(desk: Desk) -> None:
    explanation = await explained(desk, await desk.ask(status_inquiry("REF*1K*NOBODYS~")))
    console = Console(width=200, record=True, file=io.StringIO())
    show(explanation, console)
    printed = console.export_text()
    assert "  STC*D0:35*20261121~\n    D0 35: search found nothing, claim not found\n" in printed
    assert "    because of no claim of this patient and provider fits\n" in printed
