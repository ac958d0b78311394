"""``load claims`` with 835 and 277CA files: from the file to the 277 that tells of it."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import date
from decimal import Decimal
from importlib.resources import files
from pathlib import Path

import pytest
from typer.testing import CliRunner

from edi.remittance import RemittedClaim
from gateway.cli import app
from gateway.cli.load import X12_LOADINGS, LoadKind
from gateway.cli.load_x12 import Loaded, load_x12
from gateway.store.claim_loading import load_claims
from gateway.store.limits import LOAD_CLAIMS_PER_TRANSACTION
from parsers import check
from rules.claims.settlement_codes import SETTLEMENT_CODES
from rules.facts.claims import Claim, ServiceLine
from tests import claim_file_support
from tests.claims_desk import FAR_TIN, RECEIVED, claim, open_claims_desk, status_inquiry
from tests.guide_support import REAL_SAMPLES, judge
from tests.real_time import Answered, Desk
from tests.settlement_support import Check, acknowledgment, read, remittance
from tests.store_support import another_program

pytestmark = pytest.mark.store

TODAY = date(2026, 11, 21)
UNKNOWN = "no such claim is held; load the claim first, then this again"
LINES = (
    ServiceLine("HC:99213", Decimal(150), control_number="L-1"),
    ServiceLine("HC:85025", Decimal(100), control_number="L-2"),
)
CORRECTION = Check("EFT-2", "20261012", "20261010")


@pytest.fixture
async def desk(database_url: str, redis_url: str) -> AsyncIterator[Desk]:
    async with open_claims_desk(database_url, redis_url) as desk:
        yield desk


async def hold(desk: Desk, number: str, **changes: object) -> Claim:
    """A claim of the desk's subscriber that was received."""
    held = claim(number, RECEIVED, **{"lines": LINES, **changes})
    await load_claims(desk.database_url, [held])
    return held


async def load(desk: Desk, *files: bytes) -> tuple[Loaded, list[str]]:
    """Load files one after another; what became of the last, and all that was told."""
    told: list[str] = []
    loaded = Loaded()
    for file in files:
        loaded = await load_x12(desk.database_url, X12_LOADINGS[LoadKind.CLAIMS], [file], TODAY, told.append)
    return loaded, told


async def ask(desk: Desk, below: str) -> Answered:
    """A 277 that our own check and pyx12 with our map accept."""
    answer = await desk.ask(status_inquiry(below))
    assert answer.outcome == "277"
    report = check(answer.text.encode())
    assert report.accepted, report.findings
    assert judge(answer.text).accepted
    return answer


async def counts(desk: Desk) -> tuple[int, int, int]:
    """Versions of facts, former documents of claims, rows of the feed."""
    async with another_program(desk.database_url) as connection:
        row = await connection.fetchrow(
            "SELECT (SELECT sum(version) FROM edi.fact_version), (SELECT count(*) FROM edi.claim_history),"
            " (SELECT count(*) FROM edi.claim_change)"
        )
    return tuple(row)  # type: ignore[return-value]


def paid(number: str, disposition: str = "1", amount: str = "180.4", lines: str = "") -> str:
    """A 2100 loop about a claim of the desk."""
    sign = "-" if disposition == "22" else ""
    own = f"CLP*ACC-{number}*{disposition}*{sign}250*{sign}{amount}**12*{number}~"
    return f"{own}NM1*QC*1*QUILLFEATHER*ODA****MI*W100000001~{lines}"


async def test_a_payment_is_told_with_its_amounts_and_lines(desk: Desk) -> None:
    await hold(desk, "PAID-1")
    lines = (
        "SVC*HC:99213*150*120.4**1~DTM*472*20260901~CAS*CO*45*29.6~REF*6R*L-1~"
        "SVC*HC:85025*100*60**1~DTM*472*20260901~CAS*CO*45*40~REF*6R*L-2~"
    )
    loaded, told = await load(desk, remittance(paid("PAID-1", lines=lines)))
    assert (loaded.loaded, loaded.changes, loaded.passed_over, told) == (1, 1, 0, [])
    answer = await ask(desk, "REF*1K*PAID-1~DTP*472*D8*20260901~SVC*HC:85025*100*****1~REF*FJ*L-2~DTP*472*D8*20260901~")
    assert answer.of("STC", "SVC") == [
        "STC*F1:65*20260918**250*180.4*20260918**20260921*EFT-1",
        "SVC*HC:85025*100*60****1",
        "STC*F1:65*20260918",
    ]


async def test_a_denial_is_told_with_its_status_code(desk: Desk) -> None:
    await hold(desk, "DENIED-1", lines=())
    denied = "CLP*ACC-DENIED-1*4*250*0**12*DENIED-1~CAS*CO*197*250~NM1*QC*1*QUILLFEATHER*ODA~"
    await load(desk, remittance(denied, Check(method="NON", amount="0")))
    answer = await ask(desk, "REF*1K*DENIED-1~")
    assert answer.of("STC") == ["STC*F2:84*20260918**250*0*20260918"]


async def test_a_line_that_is_denied_is_told_apart_from_its_claim(desk: Desk) -> None:
    await hold(desk, "PART-1")
    lines = "SVC*HC:99213*150*120**1~DTM*472*20260901~REF*6R*L-1~SVC*HC:85025*100*0**1~CAS*CO*50*100~REF*6R*L-2~"
    await load(desk, remittance(paid("PART-1", amount="120", lines=lines)))
    answer = await ask(desk, "REF*1K*PART-1~")
    assert answer.of("STC", "SVC") == [
        "STC*F1:65*20260918**250*120*20260918**20260921*EFT-1",
        "SVC*HC:99213*150*120****1",
        "STC*F1:65*20260918",
        "SVC*HC:85025*100*0****1",
        "STC*F2:287*20260918",
    ]


async def test_a_reversal_and_correction_end_with_the_corrected_payment_and_keep_both(desk: Desk) -> None:
    await hold(desk, "PAIR-1", lines=())
    pair = paid("PAIR-1", "22") + paid("PAIR-1", "1", "200")
    await load(desk, remittance(paid("PAIR-1")), remittance(pair, CORRECTION))
    answer = await ask(desk, "REF*1K*PAIR-1~")
    assert answer.of("STC") == ["STC*F3:101*20261010**250*200*20261010**20261012*EFT-2"]
    async with another_program(desk.database_url) as connection:
        told = await connection.fetchval("SELECT document -> 'events' FROM edi.claim WHERE id = 'K-PAIR-1'")
    assert [amount in told for amount in ('"180.4"', '"0"', '"200"')] == [True, True, True]


async def test_an_acknowledgment_gives_the_claim_the_payers_number(desk: Desk) -> None:
    await hold(desk, "SENT-1")
    accepted = "TRN*2*ACC-SENT-1~STC*A2:20:PR*20260905*WQ*250~REF*1K*PAYER-77~DTP*472*D8*20260901~"
    loaded, told = await load(desk, acknowledgment(accepted))
    assert (loaded.changes, told) == (1, [])
    for below in ("REF*1K*PAYER-77~", "REF*1K*SENT-1~", "REF*EJ*ACC-SENT-1~"):
        answer = await ask(desk, below)
        assert answer.of("STC") == ["STC*A2:20:40*20260905**250"]
        assert "REF*1K*PAYER-77" in answer.of("REF")


async def test_a_rejection_is_told_with_the_codes_of_its_line(desk: Desk) -> None:
    await hold(desk, "BAD-1")
    rejected = (
        "TRN*2*ACC-BAD-1~STC*A7:247*20260905*U*250~DTP*472*D8*20260901~"
        "SVC*HC:85025*100~STC*A7:454*20260905*U~REF*FJ*L-2~"
    )
    await load(desk, acknowledgment(rejected))
    answer = await ask(desk, "REF*1K*BAD-1~")
    assert answer.of("STC") == ["STC*A7:247*20260905**250", "STC*A7:247*20260905", "STC*A7:454*20260905"]


async def test_the_same_files_again_change_nothing(desk: Desk) -> None:
    await hold(desk, "TWICE-1")
    files = (
        acknowledgment("TRN*2*ACC-TWICE-1~STC*A2:20*20260905*WQ*250~REF*1K*P-TWICE~DTP*472*D8*20260901~"),
        remittance(paid("TWICE-1")),
        remittance(paid("TWICE-1", "22") + paid("TWICE-1", "1", "200"), CORRECTION),
    )
    await load(desk, *files)
    before = await counts(desk)
    for file in (*files, *reversed(files)):
        loaded, told = await load(desk, file)
        assert (loaded.changes, told) == (0, [])
        assert loaded.loaded > 0
    assert await counts(desk) == before


async def test_an_older_file_after_a_newer_one_does_not_turn_the_claim_back(desk: Desk) -> None:
    await hold(desk, "LATE-1", lines=())
    await load(desk, remittance(paid("LATE-1", "1", "200"), CORRECTION), remittance(paid("LATE-1")))
    await load(desk, acknowledgment("TRN*2*ACC-LATE-1~STC*A2:20*20260905*WQ*250~REF*1K*OLD-77~DTP*472*D8*20260901~"))
    answer = await ask(desk, "REF*1K*OLD-77~")
    assert answer.of("STC") == ["STC*F1:65*20261010**250*200*20261010**20261012*EFT-2"]
    assert "REF*1K*LATE-1" in answer.of("REF")


async def test_a_payment_for_an_unknown_claim_is_told_by_its_place_and_stops_no_other(desk: Desk) -> None:
    await hold(desk, "KNOWN-1")
    loaded, told = await load(desk, remittance(paid("SECRET-77") + paid("KNOWN-1")))
    assert (loaded.loaded, loaded.changes, loaded.passed_over) == (1, 1, 1)
    assert told == [f"transaction set 0001, segment 11, CLP: {UNKNOWN}"]


async def test_a_claim_that_breaks_the_guide_is_told_and_stops_no_other(desk: Desk) -> None:
    await hold(desk, "SOUND-1")
    broken = paid("SOUND-1").replace("CLP*ACC-SOUND-1*1*", "CLP*ACC-SOUND-1*9*")
    loaded, told = await load(desk, remittance(broken + paid("SOUND-1")))
    assert (loaded.loaded, loaded.passed_over) == (1, 1)
    assert [line.split(":")[0] for line in told] == ["transaction set 0001, segment 11, loop 2100"]
    assert "SOUND-1" not in "".join(told)


async def test_a_provider_named_by_npi_alone_is_known_by_its_tax_id(desk: Desk) -> None:
    await hold(desk, "NPI-1")
    payment = paid("NPI-1").replace("*12*NPI-1~", "*12*P-NPI~")
    await load(desk, remittance(payment, Check(payee="XX*1234567893")))
    assert (await ask(desk, "REF*1K*P-NPI~")).of("STC") == ["STC*F1:65*20260918**250*180.4*20260918**20260921*EFT-1"]


async def test_a_stranger_npi_finds_no_claim_by_an_account(desk: Desk) -> None:
    await hold(desk, "NPI-2", billing_tin=FAR_TIN)
    payment = paid("NPI-2").replace("*12*NPI-2~", "*12*P-NPI2~")
    _, told = await load(desk, remittance(payment, Check(payee="XX*1234567893")))
    assert told == [f"transaction set 0001, segment 11, CLP: {UNKNOWN}"]


async def test_a_reversal_finds_the_number_that_the_same_batch_gave(desk: Desk) -> None:
    await hold(desk, "CHAIN-1", lines=())
    renumbered = paid("CHAIN-1").replace("*12*CHAIN-1~", "*12*CHAIN-2~")
    reversed_ = remittance(paid("CHAIN-2", "22").replace("ACC-CHAIN-2", "0"), CORRECTION)
    loaded, told = await load(desk, remittance(renumbered) + reversed_.replace(b"000000907", b"000000908"))
    assert (loaded.loaded, loaded.changes, told) == (2, 1, [])
    assert (await ask(desk, "REF*1K*CHAIN-2~")).of("STC") == ["STC*F3:686*20261010**250*0*20261010"]


async def test_two_loads_at_once_lose_nothing_of_each_other(desk: Desk) -> None:
    await hold(desk, "RACE-1", lines=())
    payments = [
        remittance(paid("RACE-1", "1", str(100 + day)), Check(f"E-{day}", produced=f"202609{day}"))
        for day in range(10, 20)
    ]
    await asyncio.gather(*(load(desk, payment) for payment in payments))
    async with another_program(desk.database_url) as connection:
        events = await connection.fetchval(
            "SELECT jsonb_array_length(document -> 'events') FROM edi.claim WHERE id = 'K-RACE-1'"
        )
    assert events == 1 + len(payments)


async def test_a_claim_is_told_from_its_837_to_its_payment_and_files_again_change_nothing(desk: Desk) -> None:
    files = (
        claim_file_support.file(claim_file_support.Patient((claim_file_support.claim("WAY-1"),))),
        acknowledgment("TRN*2*WAY-1~STC*A2:20*20260906*WQ*250~REF*1K*PAYER-WAY~DTP*472*RD8*20260901-20260903~"),
        remittance(
            "CLP*WAY-1*1*250*130**12*PAYER-WAY~NM1*QC*1*QUILLFEATHER*ODA~"
            "SVC*HC:99213:25*150*130**1~DTM*472*20260901~CAS*CO*45*20~REF*6R*L-1~"
            "SVC*HC:85025*100*0**1~DTM*472*20260903~CAS*CO*97*100~REF*6R*L-2~"
        ),
    )
    told = [f"STC*{status}" for status in ("A2:20*20260905**250", "A2:20*20260906**250")]
    for file, status in zip(files, told, strict=False):
        await load(desk, file)
        assert (await ask(desk, "REF*EJ*WAY-1~")).of("STC") == [status]
    await load(desk, files[-1])
    before = await counts(desk)
    for file in files:
        assert (await load(desk, file))[0].changes == 0
    assert await counts(desk) == before
    assert (await ask(desk, "REF*1K*PAYER-WAY~")).of("STC", "SVC") == [
        "STC*F1:65*20260918**250*130*20260918**20260921*EFT-1",
        "SVC*HC:99213:25*150*130****1",
        "STC*F1:65*20260918",
        "SVC*HC:85025*100*0****2",
        "STC*F4:735*20260918",
    ]


async def test_a_load_that_was_broken_off_is_run_again(desk: Desk) -> None:
    await hold(desk, "EARLY-1")
    await hold(desk, "LAST-1")
    strangers = "".join(paid(f"STRANGER-{number}") for number in range(2 * LOAD_CLAIMS_PER_TRANSACTION))
    file = remittance(paid("EARLY-1") + strangers + paid("LAST-1"))

    def breaks_off() -> Iterator[bytes]:
        yield file[: -len(file) // 10]
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="the disk is gone"):
        await load_x12(desk.database_url, X12_LOADINGS[LoadKind.CLAIMS], breaks_off(), TODAY, lambda _: None)
    for _ in range(2):
        await load(desk, file)
    for number in ("EARLY-1", "LAST-1"):
        answer = await ask(desk, f"REF*1K*{number}~")
        assert answer.of("STC") == ["STC*F1:65*20260918**250*180.4*20260918**20260921*EFT-1"]
    async with another_program(desk.database_url) as connection:
        assert await connection.fetchval("SELECT count(*) FROM edi.claim_history WHERE id = 'K-EARLY-1'") == 1


async def test_the_command_tells_what_it_loaded_and_passed_over(desk: Desk, tmp_path: Path) -> None:
    await hold(desk, "COMMAND-1")
    file = tmp_path / "payments.835"
    file.write_bytes(remittance(paid("COMMAND-1") + paid("NOBODYS-1")))

    def run() -> tuple[int, str, str]:
        environment = {"EDI_GATEWAY_DATABASE_URL": desk.database_url}
        result = CliRunner().invoke(app, ("load", "claims", str(file)), env=environment)
        return result.exit_code, result.stdout, result.stderr

    exit_code, output, errors = await asyncio.to_thread(run)
    assert (exit_code, output) == (1, "loaded 1, changed 1\n")
    assert errors.splitlines() == [
        f"{file}: transaction set 0001, segment 13, CLP: {UNKNOWN}",
        f"{file}: passed over 1",
    ]


async def test_an_operator_may_say_what_a_reason_is(desk: Desk, tmp_path: Path) -> None:
    await hold(desk, "TABLE-1", lines=())
    table = tmp_path / "settlement.tsv"
    carried = files("rules.claims").joinpath("settlement_codes.tsv").read_text()
    table.write_text(carried.replace("reason\t*\t29\tdenies\t718", "reason\t*\t29\tnothing due\t104"))
    file = tmp_path / "denials.835"
    late = "CLP*ACC-TABLE-1*1*250*0**12*TABLE-1~CAS*CO*29*250~NM1*QC*1*QUILLFEATHER*ODA~"
    file.write_bytes(remittance(late))
    environment = {"EDI_GATEWAY_DATABASE_URL": desk.database_url, "EDI_GATEWAY_SETTLEMENT_CODES": str(table)}
    try:
        await asyncio.to_thread(CliRunner().invoke, app, ("load", "claims", str(file)), env=environment)
    finally:
        SETTLEMENT_CODES.use(None)
    assert (await ask(desk, "REF*1K*TABLE-1~")).of("STC") == ["STC*F4:104*20260918**250*0*20260918"]


@pytest.mark.skipif(not REAL_SAMPLES.is_dir(), reason="the folder of real files is not here")
@pytest.mark.parametrize(
    ("file", "claims", "besides"),
    [
        ("badx12__X221-multiple-claims-single-check.edi", 9, "0"),
        ("stupidedi__dollars-and-data-sent-together.edi", 2, "1.27"),
        ("stupidedi__multiple-claims-single-check.edi", 9, "0"),
        ("stupidedi__secondary-payments.edi", 2, "0"),
    ],
)
def test_the_claims_of_a_real_file_come_to_what_was_paid(file: str, claims: int, besides: str) -> None:
    tellings = read((REAL_SAMPLES / "835" / file).read_bytes())
    remitted = [telling for telling in tellings if isinstance(telling, RemittedClaim)]
    assert len(remitted) == claims
    assert sum(each.paid for each in remitted) + Decimal(besides) == remitted[0].remittance.paid
    for each in remitted:
        adjusted = sum(adjustment.amount for part in (each, *each.lines) for adjustment in part.adjustments)
        assert each.charge - adjusted == each.paid
