"""What a submitter gets for a 270, through the whole pipeline on real PostgreSQL and Valkey."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from gateway.doors.keys import BearerKeys
from gateway.exchange import CredentialWithdrawn
from gateway.store import administration
from gateway.store.loading import load_contracts, load_providers
from parsers import check
from rules.facts import Function, Provider, ProviderIdentifier
from tests.guide_support import SAMPLES
from tests.real_time import NOW, Desk, entitle, envelope, family, inquiry, open_desk
from tests.store_support import another_program

pytestmark = pytest.mark.store


@pytest.fixture
async def desk(database_url: str, redis_url: str) -> AsyncIterator[Desk]:
    async with open_desk(database_url, redis_url) as desk:
        yield desk


async def test_an_entitled_submitter_reads_status_copayment_coinsurance_and_deductible(desk: Desk) -> None:
    answer = await desk.ask(inquiry())
    assert answer.outcome == "271"
    assert "EB*1**30*PR*GOLD PPO 500" in answer.segments
    assert "EB*B**98***27*25*****Y" in answer.segments
    assert "EB*A**98*****0.2****Y" in answer.segments
    assert any(line.startswith("EB*C*IND*") and "*23*500*" in line for line in answer.of("EB"))
    assert any(line.startswith("EB*C*IND*") and "*29*379.5*" in line for line in answer.of("EB"))


async def test_sender_and_receiver_are_changed_round_and_references_echoed(desk: Desk) -> None:
    answer = await desk.ask(inquiry(reference="lower-Case"))
    isa = answer.segments[0].split("*")
    assert (isa[5], isa[6], isa[7], isa[8]) == ("ZZ", f"{'EDIGATEWAY':<15}", "ZZ", f"{'RIVERBEND':<15}")
    assert isa[15] == "T"
    assert answer.of("GS")[0].split("*")[1:4] == ["HB", "99999", "RIVERBEND"]
    assert answer.of("BHT")[0].startswith("BHT*0022*11*lower-Case*20261121*133000")
    assert answer.of("TRN")[0] == "TRN*2*T-1*9RIVERBEND"


async def test_for_a_provider_without_a_tin_nobody_is_entitled(desk: Desk) -> None:
    alone = Provider("P9", "LONE PRACTICE", (ProviderIdentifier("XX", "1888888884"),), ())
    await load_providers(desk.database_url, [alone])
    answer = await desk.ask(inquiry(npi="1888888884"))
    assert answer.of("AAA", "HL") == ["HL*1**20*1", "HL*2*1*21*0", "AAA*Y**41*N"]


async def test_a_dependent_is_answered_at_2100d(desk: Desk) -> None:
    answer = await desk.ask(inquiry(below="NM1*03*1*QUILLFEATHER*TAM~DMG*D8*20150301~"))
    assert answer.of("HL") == ["HL*1**20*1", "HL*2*1*21*1", "HL*3*2*22*1", "HL*4*3*23*0"]
    assert any(line.startswith("NM1*03*1*QUILLFEATHER*TAM") for line in answer.segments)


async def test_every_answer_is_accepted_by_our_own_check(desk: Desk) -> None:
    for data in (inquiry(), inquiry(npi="1111111112"), inquiry(born="19700101"), b"noise"):
        answer = await desk.ask(data)
        assert check(answer.text.encode()).findings == []


@pytest.mark.parametrize(
    ("npi", "rejection"),
    [
        ("1234567894", "AAA*N**43*C"),
        ("1999999992", "AAA*N**51*C"),
        ("1111111112", "AAA*Y**41*N"),
        ("1245319599", "AAA*Y**50*N"),
    ],
    ids=["malformed NPI", "unknown provider", "no entitlement", "may not inquire"],
)
async def test_who_may_not_ask_is_told_at_2100b_and_nothing_below(desk: Desk, npi: str, rejection: str) -> None:
    answer = await desk.ask(inquiry(npi=npi))
    assert answer.outcome == "AAA"
    assert answer.segments[-5:-3] == [f"NM1*1P*2*RIVERBEND GROUP*****XX*{npi}", rejection]
    assert answer.of("HL") == ["HL*1**20*1", "HL*2*1*21*0"]


async def test_an_inquiry_for_another_payer_gets_79_at_2100a_and_nothing_below(desk: Desk) -> None:
    answer = await desk.ask(inquiry().replace(b"*PI*99999~", b"*PI*88888~"))
    assert answer.outcome == "AAA"
    assert answer.of("AAA", "HL") == ["HL*1**20*0", "AAA*N**79*C"]


async def test_nobody_is_looked_up_for_who_may_not_ask(desk: Desk) -> None:
    await desk.ask(inquiry(npi="1111111112"))
    assert desk.gateway.facts.cached("member/id/W100000001") is None


async def test_an_unknown_member_gets_75_with_the_data_echoed(desk: Desk) -> None:
    answer = await desk.ask(inquiry(member_id="W999999999"))
    assert "AAA*N**75*C" in answer.segments
    assert "NM1*IL*1*QUILLFEATHER*ODA****MI*W999999999" in answer.segments
    assert answer.of("EB") == []


async def test_a_sender_who_is_not_the_submitter_gets_ta1_006(desk: Desk) -> None:
    answer = await desk.ask(inquiry(sender="SOMEBODYELSE"))
    assert answer.outcome == "TA1"
    assert answer.of("TA1") == ["TA1*000000907*261121*1330*R*006"]


async def test_a_receiver_who_is_not_the_payer_gets_ta1_008(desk: Desk) -> None:
    answer = await desk.ask(inquiry().replace(b"EDIGATEWAY ", b"OTHERPAYER "))
    assert answer.of("TA1") == ["TA1*000000907*261121*1330*R*008"]


@pytest.mark.parametrize(
    ("data", "note"),
    [
        (b"", "023"),
        (b"\x00\xff binary noise", "022"),
        (inquiry()[:300], "023"),
        (inquiry().replace(b"*00501*", b"*00401*"), "003"),
        (inquiry().replace(b"IEA*1*000000907", b"IEA*1*000000908"), "001"),
        (inquiry().replace(b"IEA*1*", b"IEA*2*"), "021"),
        (inquiry() + inquiry(), "024"),
    ],
    ids=["empty", "noise", "truncated", "version", "control numbers", "count", "twice"],
)
async def test_a_bad_interchange_gets_a_ta1(desk: Desk, data: bytes, note: str) -> None:
    answer = await desk.ask(data)
    assert answer.outcome == "TA1"
    assert answer.of("TA1")[0].split("*")[4:] == ["R", note]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00\xff binary noise",
        inquiry()[:50],
        inquiry().replace(b"*ZZ*", b"*ZZ**", 1),
        inquiry().replace(b"EDIGATEWAY     ", b"EDIGATEWAY"),
        inquiry().replace(b"*ZZ*RIVERBEND ", b"*99*RIVERBEND "),
    ],
    ids=["empty", "noise", "cut off", "shifted", "too narrow", "no such qualifier"],
)
async def test_the_ta1_for_an_isa_that_cannot_be_read_goes_from_the_payer_to_whose_key_came(
    desk: Desk, data: bytes
) -> None:
    (isa,) = (await desk.ask(data)).of("ISA")
    assert isa.split("*")[5:9] == ["ZZ", "EDIGATEWAY     ", "ZZ", "RIVERBEND      "]


async def test_a_missing_segment_gets_a_999_that_says_which(desk: Desk) -> None:
    data = inquiry().replace(b"NM1*1P*2*RIVERBEND GROUP*****XX*1234567893~", b"").replace(b"SE*12", b"SE*11")
    answer = await desk.ask(data)
    assert answer.outcome == "999"
    assert "IK3*NM1*6*2100*3" in answer.segments
    assert answer.of("IK5") == ["IK5*R*5"]


async def test_the_audit_tells_what_a_refused_set_said_to_be(desk: Desk) -> None:
    await desk.ask(inquiry().replace(b"BHT*", b"BHX*"))
    await desk.ask(b"noise")
    async with another_program(desk.database_url) as connection:
        records = await connection.fetch("SELECT outcome, transaction FROM edi.audit")
    assert {("999", "270"), ("TA1", "unreadable")} <= {tuple(record) for record in records}


async def test_a_dangling_hl_gets_a_999(desk: Desk) -> None:
    answer = await desk.ask(inquiry().replace(b"HL*3*2*22", b"HL*3*7*22"))
    assert answer.outcome == "999"


async def test_a_sound_set_beside_a_rejected_one_is_answered(desk: Desk) -> None:
    sound = inquiry().decode().split("ST*")[1].split("GE*")[0]
    bad = sound.replace("270*0001", "270*0002").replace("*0001~", "*0002~").replace("EQ*98", "EQ*98*LONGEST")
    answer = await desk.ask(envelope(f"ST*{sound}ST*{bad}"))
    assert answer.outcome == "999"
    assert [line.split("*")[1] for line in answer.of("GS")] == ["FA", "HB"]
    assert answer.of("AK2") == ["AK2*270*0002*005010X279A1"]
    assert "EB*1**30*PR*GOLD PPO 500" in answer.segments


async def test_two_patients_in_real_time_get_04(desk: Desk) -> None:
    sound = inquiry().decode().split("ST*")[1].split("GE*")[0]
    again = sound.replace("270*0001", "270*0002").replace("*0001~", "*0002~")
    answer = await desk.ask(envelope(f"ST*{sound}ST*{again}"))
    assert answer.of("AAA") == ["AAA*N**04*C", "AAA*N**04*C"]
    assert answer.of("HL") == ["HL*1**20*0", "HL*1**20*0"]


async def test_a_transaction_that_no_payer_answers_gets_a_999_that_says_so(desk: Desk) -> None:
    sample = (SAMPLES / "271_active_with_benefits.edi").read_text().replace("\n", "")
    transaction = f"ST*{sample.split('ST*', 1)[1].split('GE*')[0]}"
    answer = await desk.ask(envelope(transaction, kind="HB"))
    assert answer.of("IK5") == ["IK5*R*1"]


async def test_an_acknowledgment_is_not_acknowledged(desk: Desk) -> None:
    transaction = "ST*999*0001*005010X231A1~AK1*HB*1*005010X279A1~AK9*A*1*1*1~SE*4*0001~"
    answer = await desk.ask(envelope(transaction, kind="FA", guide="005010X231A1"))
    assert answer.of("TA1")[0].endswith("*R*024")
    assert answer.of("AK1") == []


async def test_odd_delimiters_line_breaks_and_a_byte_order_mark_make_no_difference(desk: Desk) -> None:
    marks = bytes.maketrans(b"*^:~", b"|>\\!")
    odd = b"\xef\xbb\xbf\r\n" + inquiry().replace(b"~", b"~\r\n").translate(marks)
    assert (await desk.ask(odd)).of("EB") == (await desk.ask(inquiry())).of("EB")


async def test_control_numbers_rise_by_one_and_go_on_after_a_restart(desk: Desk, redis_url: str) -> None:
    numbers = [(await desk.ask(data)).control_number for data in (inquiry(), b"noise", inquiry(npi="1111111112"))]
    async with open_desk(desk.database_url, redis_url) as restarted:
        numbers.append((await restarted.ask(inquiry())).control_number)
    assert numbers == list(range(numbers[0], numbers[0] + 4))


async def test_concurrent_answers_have_control_numbers_of_their_own(desk: Desk) -> None:
    answers = await asyncio.gather(*(desk.ask(inquiry()) for _ in range(40)))
    numbers = {answer.control_number for answer in answers}
    assert len(numbers) == 40
    assert max(numbers) - min(numbers) == 39


async def test_a_change_by_another_program_counts_for_the_very_next_answer(desk: Desk) -> None:
    await desk.ask(inquiry())
    for used in ("200", "250", "310"):
        await load_contracts(desk.database_url, [family(used)])
        answer = await desk.ask(inquiry())
        assert any(f"*29*{500 - int(used)}*" in line for line in answer.of("EB"))


async def test_a_plain_update_of_the_plan_counts_for_the_very_next_answer(desk: Desk) -> None:
    await desk.ask(inquiry())
    async with another_program(desk.database_url) as connection:
        await connection.execute(
            """UPDATE edi.plan SET document = jsonb_set(document, '{name}', '"PLATINUM PPO"') WHERE id = 'GOLD'"""
        )
    answer = await desk.ask(inquiry())
    assert "EB*1**30*PR*PLATINUM PPO" in answer.segments


async def test_a_question_asked_again_is_answered_with_its_own_references_and_traces(desk: Desk) -> None:
    first = await desk.ask(inquiry(reference="FIRST"))
    again = await desk.ask(inquiry(reference="SECOND").replace(b"TRN*1*T-1*", b"TRN*1*T-2*"))
    assert again.of("BHT")[0].split("*")[3] == "SECOND"
    assert again.of("TRN")[0] == "TRN*2*T-2*9RIVERBEND"
    assert again.of("TRN")[1] != first.of("TRN")[1]
    assert again.of("HL", "NM1", "DMG", "EB", "DTP") == first.of("HL", "NM1", "DMG", "EB", "DTP")
    assert again.of("SE")[0].split("*")[1] == first.of("SE")[0].split("*")[1]


async def test_a_question_asked_again_the_next_day_is_answered_for_that_day(desk: Desk) -> None:
    await load_contracts(desk.database_url, [family("500", ends=NOW.date())])
    assert (await desk.ask(inquiry())).of("EB")[0].startswith("EB*1**30")
    desk.now = NOW + timedelta(days=1)
    assert (await desk.ask(inquiry())).of("EB")[0].startswith("EB*6**30")


async def test_an_entitlement_that_ends_by_the_clock_ends_for_a_question_asked_before(desk: Desk) -> None:
    await administration.revoke(desk.database_url, "clinic", "990000001", Function.ELIGIBILITY, "access manager")
    await entitle(desk.database_url, until=NOW + timedelta(minutes=5))
    assert (await desk.ask(inquiry())).outcome == "271"
    desk.now = NOW + timedelta(minutes=5)
    assert "AAA*Y**41*N" in (await desk.ask(inquiry())).segments


async def test_an_entitlement_revoked_counts_for_the_very_next_answer(desk: Desk) -> None:
    assert (await desk.ask(inquiry())).outcome == "271"
    await administration.revoke(desk.database_url, "clinic", "990000001", Function.ELIGIBILITY, "access manager")
    assert "AAA*Y**41*N" in (await desk.ask(inquiry())).segments
    await entitle(desk.database_url)
    assert (await desk.ask(inquiry())).outcome == "271"


async def test_a_key_revoked_while_an_answer_is_computed_gets_no_answer(desk: Desk) -> None:
    credential = await BearerKeys(desk.gateway.facts).authenticate(f"Bearer {desk.key}".encode())
    await administration.revoke_api_keys(desk.database_url, "clinic")
    with pytest.raises(CredentialWithdrawn):
        await desk.gateway.pipeline.answer(inquiry(), credential, NOW)


async def test_answers_go_on_without_redis(database_url: str) -> None:
    async with open_desk(database_url, "unix:///nowhere/valkey.sock") as desk:
        answers = await asyncio.gather(*(desk.ask(inquiry()) for _ in range(5)))
        assert {answer.outcome for answer in answers} == {"271"}


async def test_today_is_the_payers_day_not_utcs(desk: Desk) -> None:
    desk.now = NOW.replace(day=22, hour=3)
    answer = await desk.ask(inquiry())
    assert answer.of("BHT")[0].split("*")[4] == "20261121"


async def test_the_audit_names_the_inquiry_and_no_member(desk: Desk) -> None:
    await desk.ask(inquiry(reference="AUDITED"))
    async with another_program(desk.database_url) as connection:
        record = await connection.fetchrow("SELECT * FROM edi.audit WHERE bht03 = 'AUDITED'")
    assert (record["isa13"], record["gs06"], record["st02"], record["trn02"]) == ("000000907", "907", "0001", "T-1")
    assert record["outcome"] == "271"
    shown = repr(dict(record))
    assert not any(secret in shown for secret in ("QUILLFEATHER", "ODA", "W100000001", "1980"))
