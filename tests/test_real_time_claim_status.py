"""What a submitter gets for a 276, through the whole pipeline on real PostgreSQL and Valkey."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from edi.claim_status import ClaimInquiry, ClaimStatusAnswer, ClaimStatusRequest
from gateway.claim_status import ClaimStatusService
from gateway.exchange import Circumstances
from gateway.metrics import Mode
from gateway.reading import Reading
from gateway.stages import Stages
from gateway.store import administration
from gateway.store.claim_loading import load_claims
from parsers import check, parse
from rules.facts import Function
from rules.facts.claim_profile import ClaimStatusProfile
from tests.claims_desk import (
    FAR_TIN,
    PAID,
    PENDED,
    RECEIVED,
    asked,
    claim,
    entitle_for_claims,
    open_claims_desk,
    status_inquiry,
)
from tests.real_time import CLINIC, Desk, envelope, inquiry
from tests.store_support import another_program

pytestmark = pytest.mark.store

CLAIMS = (
    claim("CN-1"),
    claim("CN-2", RECEIVED, PENDED),
    claim("FAR-1", billing_tin=FAR_TIN),
    claim("SON-1", patient_number="02"),
)
PAID_SEGMENT = "STC*F1>65*20260918**250*180.4*20260917**20260921*EFT0009".replace(">", ":")


@pytest.fixture
async def desk(database_url: str, redis_url: str) -> AsyncIterator[Desk]:
    async with open_claims_desk(database_url, redis_url, *CLAIMS) as desk:
        yield desk


async def test_an_entitled_submitter_reads_status_amounts_and_payment(desk: Desk) -> None:
    answer = await desk.ask(status_inquiry())
    assert answer.outcome == "277"
    assert answer.of("STC") == [PAID_SEGMENT]
    assert answer.of("REF") == ["REF*1K*CN-1", "REF*EJ*ACC-CN-1"]
    assert answer.of("TRN") == ["TRN*2*T-1"]


async def test_sender_and_receiver_are_changed_round_and_the_reference_echoed(desk: Desk) -> None:
    answer = await desk.ask(status_inquiry())
    assert answer.of("GS")[0].split("*")[1:4] == ["HN", "99999", "RIVERBEND"]
    assert answer.of("GS")[0].endswith("*X*005010X212")
    assert answer.of("BHT") == ["BHT*0010*08*REF-1*20261121*133000*DG"]


async def test_a_claim_is_found_by_the_providers_own_account_number(desk: Desk) -> None:
    answer = await desk.ask(status_inquiry("REF*EJ*ACC-CN-2~"))
    assert answer.of("STC") == ["STC*P1:20*20260909**250"]


async def test_more_claims_than_one_are_not_told_in_real_time(desk: Desk) -> None:
    answer = await desk.ask(status_inquiry("DTP*472*RD8*20260801-20260930~"))
    assert answer.of("STC") == ["STC*D0:485*20261121"]


@pytest.mark.parametrize("number", ["FAR-1", "SON-1", "NOBODYS"], ids=["of another TIN", "of another patient", "none"])
async def test_a_claim_that_is_not_the_askers_is_not_found(desk: Desk, number: str) -> None:
    answer = await desk.ask(status_inquiry(f"REF*1K*{number}~"))
    assert answer.outcome == "277"
    assert answer.of("STC") == ["STC*D0:35*20261121"]
    assert answer.of("REF") == []


@pytest.mark.parametrize(
    ("npi", "status"),
    [
        ("1234567894", "E0:562:1P"),
        ("1999999992", "E0:24:1P"),
        ("1111111112", "E4:496:1P"),
        ("1245319599", "E4:25:1P"),
    ],
    ids=["malformed NPI", "unknown provider", "no entitlement", "may not inquire"],
)
async def test_who_may_not_ask_is_told_at_2200c_and_nothing_below(desk: Desk, npi: str, status: str) -> None:
    answer = await desk.ask(status_inquiry(npi=npi))
    assert answer.outcome == "STC"
    assert answer.of("STC") == [f"STC*{status}*20261121"]
    assert answer.of("HL") == ["HL*1**20*1", "HL*2*1*21*1", "HL*3*2*19*0"]


async def test_neither_member_nor_claim_is_looked_up_for_who_may_not_ask(desk: Desk) -> None:
    await desk.ask(status_inquiry(npi="1111111112"))
    assert desk.gateway.facts.cached("member/id/W100000001") is None
    assert desk.gateway.facts.cached("claim/number/CN-1") is None


async def test_an_unknown_subscriber_is_told_in_the_claims_loop(desk: Desk) -> None:
    answer = await desk.ask(status_inquiry(member_id="W999999999"))
    assert answer.outcome == "STC"
    assert answer.of("STC") == ["STC*E0:33:IL*20261121"]


async def test_two_claims_in_real_time_are_sent_back_at_2200b(desk: Desk) -> None:
    second = asked().replace("276*0001", "276*0002").replace("*0001~", "*0002~")
    answer = await desk.ask(envelope(asked() + second, guide="005010X212", kind="HR"))
    assert answer.of("STC") == ["STC*E4:691*20261121", "STC*E4:691*20261121"]


async def test_a_batch_tells_every_claim_of_every_inquiry(desk: Desk) -> None:
    inquiry = read_inquiries(status_inquiry("DTP*472*RD8*20260801-20260930~"))[0]
    request = ClaimStatusRequest("0001", "REF-1", (inquiry, replace(inquiry, claim_number="NONE", trace="T-2")))
    service = ClaimStatusService(ClaimStatusProfile())
    reading = Reading(desk.gateway.facts)
    moment = desk.now.replace(tzinfo=None)
    batch = Circumstances(CLINIC, desk.now, moment, 2, reading, Stages(), str, Mode.BATCH)
    response = await service.respond(request, batch, "0001")
    assert [len(answer.claims) for answer in response.answers if isinstance(answer, ClaimStatusAnswer)] == [2, 1]


def read_inquiries(data: bytes) -> tuple[ClaimInquiry, ...]:
    return tuple(
        inquiry
        for request in parse(data).requests
        if isinstance(request, ClaimStatusRequest)
        for inquiry in request.inquiries
    )


async def test_every_answer_is_accepted_by_our_own_check(desk: Desk) -> None:
    for data in (status_inquiry(), status_inquiry("REF*1K*NO~"), status_inquiry(npi="1111111112")):
        answer = await desk.ask(data)
        assert check(answer.text.encode()).findings == []


async def test_a_270_beside_it_is_answered_by_its_own_service(desk: Desk) -> None:
    assert (await desk.ask(inquiry())).outcome == "271"


async def test_a_payment_by_another_program_counts_for_the_very_next_answer(desk: Desk) -> None:
    await load_claims(desk.database_url, [claim("CN-2", RECEIVED, PENDED)])
    assert (await desk.ask(status_inquiry("REF*1K*CN-2~"))).of("STC") == ["STC*P1:20*20260909**250"]
    await load_claims(desk.database_url, [claim("CN-2", RECEIVED, PENDED, PAID)])
    assert (await desk.ask(status_inquiry("REF*1K*CN-2~"))).of("STC") == [PAID_SEGMENT]


async def test_a_claim_is_found_by_its_new_and_its_former_number(desk: Desk) -> None:
    await load_claims(desk.database_url, [replace(claim("CN-7"), claim_number="CN-8", former_numbers=("CN-7",))])
    for number in ("CN-7", "CN-8"):
        assert "REF*1K*CN-8" in (await desk.ask(status_inquiry(f"REF*1K*{number}~"))).segments


async def test_a_number_that_a_claim_has_lost_finds_it_no_more(desk: Desk) -> None:
    await load_claims(desk.database_url, [claim("CN-5", claim_id="K-5")])
    assert "REF*1K*CN-5" in (await desk.ask(status_inquiry("REF*1K*CN-5~"))).segments
    await load_claims(desk.database_url, [claim("CN-6", claim_id="K-5")])
    assert (await desk.ask(status_inquiry("REF*1K*CN-5~"))).of("STC") == ["STC*D0:35*20261121"]


async def test_an_entitlement_revoked_counts_for_the_very_next_answer(desk: Desk) -> None:
    assert (await desk.ask(status_inquiry())).outcome == "277"
    await administration.revoke(desk.database_url, "clinic", "990000001", Function.CLAIM_STATUS, "access manager")
    assert (await desk.ask(status_inquiry())).of("STC") == ["STC*E4:496:1P*20261121"]
    await entitle_for_claims(desk.database_url)
    assert (await desk.ask(status_inquiry())).outcome == "277"


async def test_an_entitlement_for_eligibility_lets_nobody_ask_after_claims(desk: Desk) -> None:
    await administration.revoke(desk.database_url, "clinic", "990000001", Function.CLAIM_STATUS, "access manager")
    assert (await desk.ask(inquiry())).outcome == "271"
    assert (await desk.ask(status_inquiry())).outcome == "STC"


async def test_former_versions_of_a_claim_are_kept_with_their_times(desk: Desk) -> None:
    for events in ((RECEIVED,), (RECEIVED, PENDED), (RECEIVED, PENDED), (RECEIVED, PENDED, PAID)):
        await load_claims(desk.database_url, [claim("KEPT", *events)])
    async with another_program(desk.database_url) as connection:
        versions = await connection.fetch(
            """SELECT jsonb_array_length(document -> 'events') AS events FROM edi.claim_version
            WHERE id = 'K-KEPT' ORDER BY recorded"""
        )
    assert [version["events"] for version in versions] == [1, 2, 3]


async def test_the_audit_names_the_inquiry_and_no_member_or_claim(desk: Desk) -> None:
    await desk.ask(status_inquiry())
    async with another_program(desk.database_url) as connection:
        record = await connection.fetchrow("SELECT * FROM edi.audit ORDER BY audit_id DESC LIMIT 1")
    assert (record["transaction"], record["outcome"], record["trn02"]) == ("276", "277", "T-1")
    shown = repr(dict(record))
    assert not any(secret in shown for secret in ("QUILLFEATHER", "W100000001", "CN-1"))
