"""What a submitter gets for a 276, through the whole pipeline on real PostgreSQL and Valkey."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from edi.claim_status import ClaimInquiry, ClaimStatusAnswer, ClaimStatusRequest, PayerContact
from edi.eligibility import DateRange
from edi.writing import delimited
from gateway.claim_status import ClaimStatusService
from gateway.exchange import Circumstances
from gateway.metrics import Mode
from gateway.reading import Reading
from gateway.stages import Stages
from gateway.store import administration
from gateway.store.claim_loading import load_claims
from gateway.store.loading import load_providers
from parsers import check, parse
from rules.facts import Entitlement, Function, Provider, ProviderIdentifier
from rules.facts.claim_profile import ClaimStatusProfile
from rules.facts.claims import ServiceLine
from tests.claims_desk import (
    FAR_TIN,
    PAID,
    PENDED,
    RECEIVED,
    TIN,
    asked,
    claim,
    entitle_for_claims,
    open_claims_desk,
    status_inquiry,
)
from tests.real_time import CLINIC, Desk, envelope, inquiry
from tests.store_support import another_program
from tests.test_partial_failure import CONFIGURATION, answered

pytestmark = pytest.mark.store

CLAIMS = (
    claim("CN-1"),
    claim("CN-2", RECEIVED, PENDED),
    claim("FAR-1", billing_tin=FAR_TIN),
    claim("SON-1", patient_number="02"),
    replace(claim("SON-2", patient_number="02"), clearinghouse_number="CH-SON"),
)
RICH = claim(
    "RICH-1",
    RECEIVED,
    PENDED,
    charge=Decimal("99.5"),
    dates=DateRange(date(2026, 7, 1), date(2026, 7, 3)),
    bill_type="131",
    group_number="G-7",
    prescription="RX-7",
    clearinghouse_number="CH-7",
    lines=(
        ServiceLine("HC:99213:25", Decimal("60.5"), control_number="L-1"),
        ServiceLine("HC:85025", Decimal(39), DateRange(date(2026, 7, 2), date(2026, 7, 2)), control_number="L-2"),
    ),
)
"""The only claim of its days, by everything that one can be found by."""
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


JULY = "DTP*472*RD8*20260701-20260731~"
ANY_DAY = "DTP*472*RD8*20260101-20261121~"


@pytest.mark.parametrize(
    "below",
    [
        "REF*1K*RICH-1~",
        f"REF*1K*RICH-1~{JULY}",
        f"REF*EJ*ACC-RICH-1~{JULY}",
        "REF*EJ*ACC-RICH-1~AMT*T3*99.5~DTP*472*D8*20260702~",
        f"REF*XZ*RX-7~{JULY}",
        f"REF*D9*CH-7~{ANY_DAY}",
        f"REF*BLT*131~{ANY_DAY}",
        f"REF*6P*G-7~AMT*T3*99.5~{ANY_DAY}",
        f"AMT*T3*99.50~{ANY_DAY}",
        JULY,
        "DTP*472*D8*20260703~",
        f"REF*1K*RICH-1~REF*BLT*131~REF*6P*G-7~REF*EJ*ACC-RICH-1~REF*XZ*RX-7~REF*D9*CH-7~AMT*T3*99.5~{JULY}",
    ],
)
async def test_a_claim_is_found_by_whatever_names_it(desk: Desk, below: str) -> None:
    await load_claims(desk.database_url, [RICH])
    answer = await desk.ask(status_inquiry(below))
    assert answer.of("STC") == ["STC*P1:20*20260909**99.5"]
    assert answer.of("REF") == [
        "REF*1K*RICH-1",
        "REF*BLT*131",
        "REF*EJ*ACC-RICH-1",
        "REF*XZ*RX-7",
        "REF*D9*CH-7",
    ]
    assert answer.of("DTP") == ["DTP*472*RD8*20260701-20260703"]


@pytest.mark.parametrize(
    "below",
    [
        f"REF*EJ*ACC-OTHER~{JULY}",
        f"REF*XZ*RX-8~{JULY}",
        f"REF*D9*CH-8~{JULY}",
        f"REF*BLT*111~{JULY}",
        f"AMT*T3*99.51~{JULY}",
        "DTP*472*D8*20260704~",
        "REF*EJ*ACC-RICH-1~DTP*472*D8*20260704~",
        f"REF*D9*CH-SON~{ANY_DAY}",
    ],
)
async def test_a_claim_is_not_found_by_what_is_not_its_own(desk: Desk, below: str) -> None:
    await load_claims(desk.database_url, [RICH])
    answer = await desk.ask(status_inquiry(below))
    assert answer.of("STC") == ["STC*D0:35*20261121"]
    assert not [line for line in answer.of("REF") if line.startswith("REF*1K")]


async def test_a_service_line_is_told_with_its_status(desk: Desk) -> None:
    await load_claims(desk.database_url, [RICH])
    line = "SVC*HC:85025*39*****1~REF*FJ*L-2~DTP*472*D8*20260702~"
    answer = await desk.ask(status_inquiry(f"REF*1K*RICH-1~{JULY}{line}"))
    place = answer.segments.index("SVC*HC:85025*39*0****1")
    assert answer.segments[place + 1 : place + 4] == ["STC*P1:20*20260909", "REF*FJ*L-2", "DTP*472*D8*20260702"]
    assert answer.of("SVC") == ["SVC*HC:85025*39*0****1"]
    assert check(answer.text.encode()).accepted


async def test_a_dependent_s_claim_is_told_in_the_dependent_s_loop(desk: Desk) -> None:
    data = status_inquiry("REF*1K*SON-1~").decode()
    data = data.replace("*22*0~DMG*D8*19800131*F~", "*22*1~")
    data = data.replace("~TRN*1*", "~HL*5*4*23~DMG*D8*20150301*M~NM1*QC*1*QUILLFEATHER*TAM~TRN*1*")
    answer = await desk.ask(data.replace("SE*15*", "SE*17*").encode())
    assert answer.of("HL")[3:] == ["HL*4*3*22*1", "HL*5*4*23"]
    assert answer.of("NM1")[-1] == "NM1*QC*1*QUILLFEATHER*TAM"
    assert answer.of("STC") == [PAID_SEGMENT]


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
    service = ClaimStatusService(ClaimStatusProfile(), CONFIGURATION.profile)
    reading = Reading(desk.gateway.facts)
    moment = desk.now.replace(tzinfo=None)
    batch = Circumstances(CLINIC, desk.now, moment, 2, reading, Stages(), str, Mode.BATCH)
    response = await service.respond(request, batch, "0001")
    assert [len(answer.claims) for answer in response.answers if isinstance(answer, ClaimStatusAnswer)] == [2, 1]


async def test_an_inquiry_for_another_payer_is_told_at_2200b_and_nothing_is_looked_up(desk: Desk) -> None:
    answer = await desk.ask(status_inquiry().replace(b"*****PI*99999~", b"*****PI*77777~"))
    assert (answer.outcome, answer.of("STC")) == ("STC", ["STC*E0:153:PR*20261121"])
    assert answer.of("HL") == ["HL*1**20*1", "HL*2*1*21*0"]
    assert answer.of("TRN") == ["TRN*2*REF-1"]
    assert desk.gateway.facts.cached("provider/XX/1234567893") is None


@pytest.mark.parametrize(
    ("failing", "status"),
    [
        ("calendar/99999", "E1:484:PR"),
        ("provider/XX/1234567893", "E1:484:PR"),
        ("entitlement/clinic/990000001", "E1:484:PR"),
        ("member/id/W100000001", "E1:484:PR"),
        ("claim/number/CN-1", "E2:689:PR"),
    ],
)
async def test_whatever_cannot_be_looked_up_is_told_at_2200b_in_real_time(
    desk: Desk, failing: str, status: str
) -> None:
    answer = await answered(desk, status_inquiry(), failing, Mode.REAL_TIME)
    assert (answer.outcome, answer.of("STC")) == ("STC", [f"STC*{status}*20261121"])
    assert answer.of("HL") == ["HL*1**20*1", "HL*2*1*21*0"]
    assert check(answer.text.encode()).accepted


@pytest.mark.parametrize(("failing", "status"), [("claim/number/CN-2", "E2:484"), ("member/id/W200000002", "E1:484")])
async def test_in_a_batch_only_the_claim_whose_look_up_failed_is_told_of(desk: Desk, failing: str, status: str) -> None:
    number, member_id = failing.split("/")[2], "W200000002" if "member" in failing else "W100000001"
    other = asked(f"REF*1K*{number}~", member_id=member_id).replace("276*0001", "276*0002").replace("*0001~", "*0002~")
    data = envelope(asked() + other, guide="005010X212", kind="HR")
    answer = await answered(desk, data, failing, Mode.BATCH)
    assert answer.of("STC") == [PAID_SEGMENT, f"STC*{status}*20261121"]
    place = answer.segments.index(f"STC*{status}*20261121")
    assert answer.segments[place - 1] == "TRN*2*T-1"
    assert check(answer.text.encode()).accepted


WHOLE_BATCH = (
    "ST*276*0001*005010X212~BHT*0010*13*REF-1*20261121*1330~HL*1**20*1~NM1*PR*2*EXAMPLE HEALTH PLAN*****PI*99999~"
    "HL*2*1*21*1~NM1*41*2*RIVERBEND CLINIC*****46*RIVERBEND~"
    "HL*3*2*19*1~NM1*1P*2*RIVERBEND GROUP*****XX*1234567893~"
    "HL*4*3*22*1~DMG*D8*19800131*F~NM1*IL*1*QUILLFEATHER*ODA****MI*W100000001~"
    "TRN*1*T-1~DTP*472*RD8*20260801-20260930~TRN*1*T-2~REF*1K*NOBODYS~"
    "HL*5*4*23~DMG*D8*20150301*M~NM1*QC*1*QUILLFEATHER*TAM~TRN*1*T-3~REF*1K*SON-1~"
    "HL*6*3*22*0~NM1*IL*1*NOBODY*NED****MI*W999999999~TRN*1*T-4~"
    "HL*7*2*19*1~NM1*1P*2*FAR GROUP*****XX*1111111112~HL*8*7*22*0~"
    "NM1*IL*1*QUILLFEATHER*ODA****MI*W100000001~TRN*1*T-5~REF*1K*FAR-1~"
    "HL*9*1*21*1~NM1*41*1*VALE*MAX****46*S2~HL*10*9*19*1~NM1*1P*2*RIVERBEND GROUP*****XX*1234567893~"
    "HL*11*10*22*0~DMG*D8*19800131*F~NM1*IL*1*QUILLFEATHER*ODA****MI*W100000001~TRN*1*T-6~REF*EJ*ACC-CN-2~"
)
"""Two receivers, three providers, a subscriber and her son, somebody unknown; several claims of one inquiry."""


async def test_a_batch_set_has_several_receivers_providers_and_patients(desk: Desk) -> None:
    body = f"{WHOLE_BATCH}SE*{WHOLE_BATCH.count('~') + 1}*0001~"
    data = envelope(body, guide="005010X212", kind="HR")
    answer = await answered(desk, data, "nothing", Mode.BATCH)
    assert [line for line in answer.segments if line.startswith(("HL", "TRN", "STC"))] == [
        "HL*1**20*1",
        "HL*2*1*21*1",
        "HL*3*2*19*1",
        "HL*4*3*22*0",
        "TRN*2*T-1",
        PAID_SEGMENT,
        "TRN*2*T-1",
        "STC*P1:20*20260909**250",
        "TRN*2*T-2",
        "STC*D0:35*20261121",
        "HL*5*3*22*1",
        "HL*6*5*23",
        "TRN*2*T-3",
        PAID_SEGMENT,
        "HL*7*3*22*0",
        "TRN*2*T-4",
        "STC*E0:33:IL*20261121",
        "HL*8*2*19*0",
        "TRN*1*REF-1",
        "STC*E4:496:1P*20261121",
        "HL*9*1*21*1",
        "HL*10*9*19*1",
        "HL*11*10*22*0",
        "TRN*2*T-6",
        "STC*P1:20*20260909**250",
    ]
    assert check(answer.text.encode()).accepted


async def test_several_claims_of_one_set_are_too_many_in_real_time(desk: Desk) -> None:
    body = f"{WHOLE_BATCH}SE*{WHOLE_BATCH.count('~') + 1}*0001~"
    answer = await desk.ask(envelope(body, guide="005010X212", kind="HR"))
    assert answer.of("STC") == ["STC*E4:691*20261121"] * 2
    assert answer.of("NM1")[1:] == ["NM1*41*2*RIVERBEND CLINIC*****46*RIVERBEND", "NM1*41*1*VALE*MAX****46*S2"]
    assert check(answer.text.encode()).accepted


async def test_the_payer_s_contact_is_told_where_the_profile_has_one(desk: Desk) -> None:
    profile = ClaimStatusProfile(contact=PayerContact("Claim Services", "8005550101", "CLAIMS@PLAN.EXAMPLE"))
    request = ClaimStatusRequest("0001", "REF-1", read_inquiries(status_inquiry()))
    moment = desk.now.replace(tzinfo=None)
    circumstances = Circumstances(CLINIC, desk.now, moment, 1, Reading(desk.gateway.facts), Stages(), str)
    response = await ClaimStatusService(profile, CONFIGURATION.profile).respond(request, circumstances, "0001")
    told = delimited(response.segments).decode().split("~")
    assert told[4] == "PER*IC*CLAIM SERVICES*TE*8005550101*EM*CLAIMS@PLAN.EXAMPLE"


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


def again(data: bytes, number: int) -> bytes:
    """The same question with other control numbers, reference and trace."""
    return (
        data.replace(b"000000907", f"{number:09d}".encode())
        .replace(b"*REF-1*", f"*REF-{number}*".encode())
        .replace(b"TRN*1*T-1~", f"TRN*1*t.{number}~".encode())
    )


@pytest.mark.parametrize("below", ["REF*1K*CN-1~", "REF*1K*NOBODYS~", "DTP*472*RD8*20260801-20260930~"])
async def test_a_question_asked_again_gets_the_same_answer_with_its_own_references(desk: Desk, below: str) -> None:
    await load_claims(desk.database_url, CLAIMS)
    first, second, third = [await desk.ask(again(status_inquiry(below), number)) for number in (1, 2, 3)]
    assert second.of("BHT") == ["BHT*0010*08*REF-2*20261121*133000*DG"]
    assert second.of("TRN") == ["TRN*2*t.2"]
    for repeated in (second, third):
        assert repeated.outcome == first.outcome
        assert repeated.of("STC", "REF", "DTP", "NM1", "HL", "SE") == first.of("STC", "REF", "DTP", "NM1", "HL", "SE")
        assert check(repeated.text.encode()).accepted


async def test_what_could_not_be_looked_up_is_not_remembered(desk: Desk) -> None:
    answer = await answered(desk, status_inquiry(), "claim/number/CN-1", Mode.REAL_TIME)
    assert answer.of("STC") == ["STC*E2:689:PR*20261121"]
    assert (await desk.ask(status_inquiry())).outcome == "277"


async def test_a_question_asked_again_is_asked_anew_once_another_group_lets_the_submitter_ask(desk: Desk) -> None:
    """By the clock alone: no fact changes when an entitlement begins."""
    begins = desk.now + timedelta(hours=1)
    both = Provider("P9", "TWO GROUPS", (ProviderIdentifier("XX", "1730155011"),), (TIN, "990000008"))
    later = Entitlement("clinic", "990000008", Function.CLAIM_STATUS, begins, None, "access manager")
    await load_providers(desk.database_url, [both])
    await load_claims(desk.database_url, [claim("LATER", billing_tin="990000008")])
    await administration.grant(desk.database_url, later)
    question = status_inquiry("REF*1K*LATER~", npi="1730155011")
    for _ in range(2):
        assert (await desk.ask(question)).of("STC") == ["STC*D0:35*20261121"]
    desk.now = begins
    assert (await desk.ask(question)).of("STC") == [PAID_SEGMENT]


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
