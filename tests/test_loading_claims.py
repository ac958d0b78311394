"""``load claims`` with 837 files: from the file to the 277 that tells of it."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from datetime import date
from multiprocessing import active_children
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from edi.submitted_claim import SubmittedClaim
from gateway.cli import app
from gateway.cli import load_x12 as loading
from gateway.cli.load import X12_LOADINGS, LoadKind
from gateway.cli.load_x12 import TOLD_MAX, Loaded, load_x12
from gateway.logs import JsonFormatter
from parsers import check
from parsers.filing import Part
from parsers.submitted_claims import SubmittedClaimReader
from rules.claims.intake import claim_number
from tests.claim_file_support import (
    FAMILY,
    INSTITUTIONAL,
    SON,
    SUBSCRIBER,
    Patient,
    claim,
    envelope,
    file,
    read,
    stay,
    transaction,
)
from tests.claims_desk import asked, open_claims_desk, status_inquiry
from tests.guide_support import REAL_SAMPLES, judge
from tests.real_time import Answered, Desk
from tests.real_time import envelope as inquiry_envelope
from tests.store_support import another_program

pytestmark = pytest.mark.store

TODAY = date(2026, 11, 21)
ROWS = X12_LOADINGS[LoadKind.CLAIMS]


@pytest.fixture
async def desk(database_url: str, redis_url: str) -> AsyncIterator[Desk]:
    async with open_claims_desk(database_url, redis_url) as desk:
        yield desk


async def load(desk: Desk, *files: bytes) -> tuple[Loaded, list[str]]:
    """Load files one after another; what became of the last, and all that was told."""
    told: list[str] = []
    loaded = Loaded()
    for each in files:
        loaded = await load_x12(desk.database_url, ROWS, [each], TODAY, told.append)
    return loaded, told


async def ask(desk: Desk, below: str) -> Answered:
    """A 277 that our own check and pyx12 with our map accept."""
    answer = await desk.ask(status_inquiry(below))
    assert answer.outcome == "277"
    assert check(answer.text.encode()).accepted
    assert judge(answer.text).accepted
    return answer


async def counts(desk: Desk) -> tuple[int, ...]:
    """Claims, their former documents, versions of facts, rows of the feed."""
    async with another_program(desk.database_url) as connection:
        row = await connection.fetchrow(
            "SELECT (SELECT count(*) FROM edi.claim), (SELECT count(*) FROM edi.claim_history),"
            " (SELECT sum(version) FROM edi.fact_version), (SELECT count(*) FROM edi.claim_change)"
        )
    return tuple(row)


def number_of(data: bytes, place: int = 0) -> str:
    """The payer's number of a claim of a file."""
    return claim_number(read(data)[place])


@pytest.mark.parametrize(
    "below",
    ["REF*EJ*PRO-1~", "REF*D9*CH-P1~", "REF*6P*GRP-7~REF*EJ*PRO-1~AMT*T3*250~DTP*472*RD8*20260901-20260930~"],
)
async def test_a_professional_claim_is_found_by_what_was_sent_with_it(desk: Desk, below: str) -> None:
    data = file(Patient((claim("PRO-1", references="REF*D9*CH-P1~"),)))
    await load(desk, data)
    answer = await ask(desk, below)
    assert answer.of("STC", "REF", "DTP")[:4] == [
        "STC*A2:20*20260905**250",
        f"REF*1K*{number_of(data)}",
        "REF*EJ*PRO-1",
        "REF*D9*CH-P1",
    ]
    assert "DTP*472*RD8*20260901-20260903" in answer.segments


async def test_a_line_is_told_by_the_providers_own_number_of_it(desk: Desk) -> None:
    await load(desk, file(Patient((claim("LINES", references="REF*D9*CH-L1~"),))))
    line = "SVC*HC:85025*100*****2~REF*FJ*L-2~DTP*472*D8*20260903~"
    answer = await ask(desk, f"REF*EJ*LINES~DTP*472*RD8*20260901-20260903~{line}")
    assert answer.of("SVC") == ["SVC*HC:85025*100*0****2"]
    assert "REF*FJ*L-2" in answer.segments


async def test_a_stay_is_found_by_its_type_of_bill(desk: Desk) -> None:
    data = file(Patient((stay("STAY-1"),)), guide=INSTITUTIONAL)
    await load(desk, data)
    answer = await ask(desk, "REF*BLT*111~REF*EJ*STAY-1~")
    assert f"REF*1K*{number_of(data)}" in answer.segments
    assert "STC*A2:20*20260905**950" in answer.segments


async def test_a_dependents_claim_is_the_dependents(desk: Desk) -> None:
    data = file(Patient((claim("SON-1"),), FAMILY, SON))
    assert (await load(desk, data))[0].loaded == 1
    below = "NM1*QC*1*QUILLFEATHER*TAM~TRN*1*T-1~REF*EJ*SON-1~DTP*472*D8*20260901~"
    text = asked().split("HL*4*3*22*0~")[0] + (
        "HL*4*3*22*1~NM1*IL*1*QUILLFEATHER*ODA****MI*W100000001~HL*5*4*23~DMG*D8*20150301*M~" + below
    )
    answer = await desk.ask(inquiry_envelope(f"{text}SE*{text.count('~') + 1}*0001~", guide="005010X212", kind="HR"))
    assert f"REF*1K*{number_of(data)}" in answer.segments
    assert "STC*D0:35*20261121" in (await ask(desk, "REF*EJ*SON-1~")).segments


async def test_the_same_file_again_changes_nothing(desk: Desk) -> None:
    first = file(Patient((claim("TWICE-1"), claim("TWICE-2"), claim("TWICE-2"))))
    original = number_of(first)
    change = file(Patient((claim("TWICE-1", frequency="7", references=f"REF*F8*{original}~"),)), sent="20260910")
    void = file(Patient((claim("TWICE-2", frequency="8", references=f"REF*F8*{number_of(first, 1)}~"),)))
    assert (await load(desk, first, change, void))[1] == []
    before = await counts(desk)
    loaded, told = await load(desk, first, change, void, first)
    assert (loaded, told) == (Loaded(loaded=3), [])
    assert await counts(desk) == before


async def test_a_replacement_changes_the_claim_and_makes_no_second_one(desk: Desk) -> None:
    first = file(Patient((claim("REP-1"),)))
    await load(desk, first)
    claims_before, history_before, _, changes_before = await counts(desk)
    line = "LX*1~SV1*HC:99214*210*UN*1***1~DTP*472*D8*20260901~"
    change = claim("REP-1", charge="210", frequency="7", references=f"REF*F8*{number_of(first)}~", lines=line)
    second = file(Patient((change,)), sent="20260910")
    loaded, _ = await load(desk, second)
    assert (loaded.loaded, loaded.changes, loaded.passed_over) == (1, 1, 0)
    claims, history, _, changes = await counts(desk)
    assert (claims, history, changes) == (claims_before, history_before + 1, changes_before + 1)
    for number in (number_of(first), number_of(second)):
        answer = await ask(desk, f"REF*1K*{number}~")
        assert answer.of("STC") == ["STC*A2:20*20260910**210"]
        assert f"REF*1K*{number_of(second)}" in answer.segments


async def test_a_void_ends_the_claim(desk: Desk) -> None:
    first = file(Patient((claim("VOID-1"),)))
    void = file(Patient((claim("VOID-1", frequency="8", references=f"REF*F8*{number_of(first)}~"),)), sent="20260910")
    await load(desk, first, void)
    assert (await ask(desk, "REF*EJ*VOID-1~")).of("STC") == ["STC*F3:686*20260910**250*0*20260910"]


async def test_a_claim_and_its_replacement_may_be_in_one_file(desk: Desk) -> None:
    original = claim("ONE-1")
    number = number_of(file(Patient((original,))))
    change = claim("ONE-1", frequency="7", references=f"REF*F8*{number}~REF*D9*CH-7~")
    void = claim("ONE-1", frequency="8", references=f"REF*F8*{number}~REF*D9*CH-8~")
    loaded, told = await load(desk, file(Patient((original, change, void, original))))
    assert (loaded.loaded, loaded.changes, told) == (4, 1, [])
    assert (await ask(desk, "REF*EJ*ONE-1~")).of("STC") == ["STC*F3:686*20260905**250*0*20260905"]


async def test_a_replacement_waits_for_the_batches_before_it(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "LOAD_CLAIMS_PER_TRANSACTION", 2)
    monkeypatch.setattr(loading.read_batches, "__defaults__", (2,))
    claims = [claim(f"BATCH-{number}") for number in range(9)]
    number = number_of(file(Patient((claims[5],))))
    change = claim("BATCH-5", frequency="7", references=f"REF*F8*{number}~")
    loaded, told = await load(desk, file(Patient((*claims[:6], change, *claims[6:]))))
    assert (loaded.loaded, loaded.changes, told) == (10, 10, [])


async def test_a_large_file_is_read_by_a_process_of_its_own(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "CHUNKS_READ_HERE_MAX", 0)
    loaded, told = await load(desk, file(Patient((claim("LARGE-1"), claim("LARGE-2", lines=""), claim("LARGE-3")))))
    assert (loaded.loaded, loaded.passed_over, len(told)) == (2, 1, 1)
    assert not active_children()


async def test_a_claim_that_breaks_the_guide_is_told_and_passed_over(desk: Desk) -> None:
    bad = claim("BAD-1").replace("SV1*HC:85025*100*UN", "SV1*HC:85025*100*QQ")
    loaded, told = await load(desk, file(Patient((claim("GOOD-1"), bad, claim("GOOD-2"))), Patient((claim("GOOD-3"),))))
    assert (loaded.loaded, loaded.passed_over, loaded.is_faultless) == (3, 1, False)
    assert told == [
        "transaction set 0001, segment 37, loop 2400: SV103 Unit or Basis for Measurement Code: the value is not in "
        "the list of codes [IK4 7]. Use a code from the list (MJ or UN)."
    ]
    assert "STC*D0:35*20261121" in (await ask(desk, "REF*EJ*BAD-1~")).segments


async def test_a_claim_that_cannot_be_taken_in_is_told_without_who_it_is_about(desk: Desk) -> None:
    nobody = SON.replace("TAM", "SECRETNAME").replace("20150301", "20150302")
    stranger = SUBSCRIBER.replace("QUILLFEATHER", "SECRETNAME")
    missing = claim("NO-1", frequency="7", references="REF*F8*SECRETNUMBER~")
    data = file(
        Patient((claim("NO-2"),), FAMILY, nobody),
        Patient((missing, claim("YES-1"))),
        Patient((claim("NO-3"),), stranger),
    )
    loaded, told = await load(desk, data)
    assert (loaded.loaded, loaded.passed_over) == (1, 3)
    assert told == [
        "transaction set 0001, segment 21, CLM: the patient is nobody under the subscriber's member id; "
        "load the coverage first",
        "transaction set 0001, segment 39, CLM: the claim that it replaces or voids (REF F8) is not on file",
        "transaction set 0001, segment 68, CLM: the member id is somebody else's: the subscriber's last name differs",
    ]


class FaultyReader(SubmittedClaimReader):
    """Fails on every part that holds a mark."""

    def read(self, part: Part) -> Iterable[SubmittedClaim]:
        if any("SECRET" in element for segment in part.segments for element in segment):
            raise ValueError(part.segments)
        return super().read(part)


@pytest.mark.parametrize(
    ("failing", "read_all_the_same", "place"),
    [
        (Patient((claim("OURS-1"), claim("SECRET"))), ["OURS-1", "OURS-2"], "segment 47, CLM"),
        (
            Patient((claim("OURS-1"),), SUBSCRIBER.replace("QUILLFEATHER", "SECRET")),
            ["OURS-2"],
            "segment 29, HL",
        ),
    ],
    ids=["a claim", "a level, with the claims below it"],
)
def test_what_a_fault_of_ours_leaves_unread_is_told_and_logged_without_what_it_holds(
    failing: Patient, read_all_the_same: list[str], place: str, caplog: pytest.LogCaptureFixture
) -> None:
    rows = [replace(row, reader=FaultyReader) for row in ROWS if row.transaction == "837"]
    [batch] = loading.read_batches(rows, [file(Patient((claim("OURS-0"),)), failing, Patient((claim("OURS-2"),)))])
    assert [filed.value.patient_account for filed in batch.filed] == ["OURS-0", *read_all_the_same]
    assert (batch.passed_over, batch.has_faults) == (1, True)
    [told] = batch.told
    assert told.startswith(f"transaction set 0001, {place}: the gateway failed to read it")
    [logged] = [JsonFormatter().format(record) for record in caplog.records]
    assert "builtins.ValueError" in logged
    assert "SECRET" not in told + logged


async def test_no_more_than_some_of_what_is_wrong_is_told_one_by_one(desk: Desk) -> None:
    bad = [claim(f"MANY-{number}", lines="") for number in range(TOLD_MAX + 30)]
    patients = [Patient(tuple(bad[start : start + 50])) for start in range(0, len(bad), 50)]
    loaded, told = await load(desk, file(*patients, Patient((claim("NOT-BAD"),))))
    assert (loaded.loaded, loaded.passed_over, len(told)) == (1, TOLD_MAX + 30, TOLD_MAX)


async def test_nobody_changes_another_providers_claim(desk: Desk) -> None:
    first = file(Patient((claim("MINE-1"),)))
    await load(desk, first)
    void = claim("MINE-1", frequency="8", references=f"REF*F8*{number_of(first)}~")
    loaded, [told] = await load(desk, file(Patient((void,)), tin="990000009"))
    assert (loaded.loaded, loaded.passed_over) == (0, 1)
    assert "another provider's or patient's" in told
    assert (await ask(desk, "REF*EJ*MINE-1~")).of("STC") == ["STC*A2:20*20260905**250"]


async def test_a_load_that_was_broken_off_is_run_again(desk: Desk) -> None:
    claims = tuple(claim(f"OFF-{number}") for number in range(3))
    whole = file(Patient(claims))
    cut_off = whole[: whole.index(b"CLM*OFF-2") + 50]
    loaded, told = await load(desk, cut_off)
    assert (loaded.loaded, loaded.passed_over, len(told)) == (2, 1, 3)
    loaded, told = await load(desk, whole)
    assert (loaded, told) == (Loaded(loaded=3, changes=1), [])


async def test_two_loads_at_the_same_time_make_each_claim_once(desk: Desk) -> None:
    data = file(*[Patient(tuple(claim(f"SAME-{place}-{number}") for number in range(90))) for place in range(9)])
    before = await counts(desk)
    await asyncio.gather(*(load_x12(desk.database_url, ROWS, [data], TODAY, print) for _ in range(2)))
    after = await counts(desk)
    assert (after[0] - before[0], after[1] - before[1], after[3] - before[3]) == (810, 0, 810)


async def test_what_is_wrong_with_the_envelopes_is_told(desk: Desk) -> None:
    two = envelope(transaction(Patient((claim("ENV-1"),))), transaction(Patient((claim("ENV-2"),)), number="0002"))
    loaded, told = await load(desk, two.replace(b"GE*2*907", b"GE*3*907"))
    assert (loaded.loaded, loaded.passed_over, loaded.is_faultless) == (2, 0, False)
    assert told[0].startswith("group 907, segment ")
    assert "GE01" in told[0]


async def test_what_has_slipped_into_the_place_of_a_control_number_is_not_told(desk: Desk) -> None:
    slipped = envelope(transaction(Patient((claim("ENV-3"),)), number="QUILLFEATHER*ODA"))
    loaded, told = await load(desk, slipped, slipped.replace(b"ST*837", b"ST*QUILLFEATHER"))
    assert not loaded.is_faultless
    assert told[0].startswith("transaction set without a control number, segment ")
    assert "QUILL" not in "".join(told)


async def test_sets_of_other_kinds_are_told(desk: Desk) -> None:
    loaded, told = await load(desk, status_inquiry())
    assert (loaded.loaded, loaded.is_faultless) == (0, False)
    assert told[0].startswith("transaction set 0001: 276 005010X212 is not loaded here; what is: ")
    assert "837 005010X222A1" in told[0]


def run(database_url: str, path: Path) -> Result:
    return CliRunner().invoke(app, ["load", "claims", str(path)], env={"EDI_GATEWAY_DATABASE_URL": database_url})


def test_the_command_tells_x12_by_its_first_bytes(tmp_path: Path, database_url: str) -> None:
    path = tmp_path / "claims.edi"
    path.write_bytes(b"\r\n" + file(Patient((claim("CMD-1"),)), sent="20200101"))
    for changes in (1, 0):
        result = run(database_url, path)
        assert (result.exit_code, result.stdout) == (0, f"loaded 1, changed {changes}\n"), result.output


def test_the_command_names_the_file_and_ends_with_one_when_something_is_wrong(
    tmp_path: Path, database_url: str
) -> None:
    path = tmp_path / "claims.edi"
    path.write_bytes(file(Patient((claim("CMD-2", lines=""), claim("CMD-3")))))
    result = run(database_url, path)
    assert (result.exit_code, result.stdout) == (1, "loaded 1, changed 1\n")
    assert result.stderr.splitlines() == [
        f"{path}: transaction set 0001, segment 21, loop 2400: LX Service Line Number: a required segment is missing "
        "[IK3 3]. Add it at this place, or the loop that it begins.",
        f"{path}: passed over 1",
    ]


def test_the_command_ends_with_one_for_envelopes_too(tmp_path: Path, database_url: str) -> None:
    path = tmp_path / "claims.edi"
    path.write_bytes(file(Patient((claim("CMD-4"),))).replace(b"IEA*1", b"IEA*2"))
    result = run(database_url, path)
    assert (result.exit_code, result.stdout) == (1, "loaded 1, changed 1\n")
    [told] = result.stderr.splitlines()
    assert told.startswith(f"{path}: interchange 000000907, segment ")


def test_plans_are_not_loaded_from_x12(tmp_path: Path, database_url: str) -> None:
    path = tmp_path / "plans.edi"
    path.write_bytes(file(Patient((claim(),))))
    environment = {"EDI_GATEWAY_DATABASE_URL": database_url}
    result = CliRunner().invoke(app, ["load", "plans", str(path)], env=environment)
    assert (result.exit_code, result.stderr) == (1, f"{path}: plans are loaded from JSON documents, not from X12\n")


@pytest.mark.skipif(not REAL_SAMPLES.is_dir(), reason="the samples are not here")
async def test_every_sample_is_loaded_as_far_as_it_conforms(desk: Desk) -> None:
    whole = []
    for path in sorted(REAL_SAMPLES.glob("837/*")):
        # Later editions of the same guides, of which there are no maps.
        data = path.read_bytes().replace(b"X222A2", b"X222A1").replace(b"X223A3", b"X223A2")
        loaded, told = await load(desk, data)
        assert loaded.is_faultless == (not told), path.name
        assert loaded.is_faultless <= check(data).accepted, path.name
        whole += [path.name] if loaded.is_faultless and loaded.loaded else []
        assert (await load(desk, data))[0].changes == 0, path.name
    assert len(whole) >= 3  # of others the patient is a dependent whose coverage is not on file
