"""Our verdicts are pyx12's, or differ for a reason that has a name."""

import io
import json
from pathlib import Path

import pytest
from pyx12.errors import EngineError, X12Error
from pyx12.params import ParamsBase
from pyx12.x12n_document import x12n_document

from benchmarks import verdicts
from benchmarks.conformance import one_inquiry
from benchmarks.differences import DIFFERENCES, GAVE_UP, LOST, Case
from benchmarks.verdicts import compare, compare_mutants, mutants, sample_files, summary
from edi.acknowledgment_codes import SegmentError
from parsers.findings import Level
from parsers.guides import FOLDER
from parsers.reference import Point, judge

INQUIRY = one_inquiry().decode()
MUTANTS = 300


def edited(*edits: tuple[str, str]) -> bytes:
    text = INQUIRY
    for old, new in edits:
        assert old in text
        text = text.replace(old, new)
    return text.encode("latin-1")


def test_a_valid_inquiry_is_accepted_by_both() -> None:
    assert compare(one_inquiry()).same


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("TRN*1*TRACE-0001*9SUBMITTER~NM1*IL", "XX*IL"),
        ("N3*12", "N3*12~N3*12"),
        ("TRN*1*TRACE-0001", "TRN*1*"),
        ("HL*3*2*22*0", "HL*3*9*22*0"),
        ("HL*3*2*22*0", "HL*4*2*22*0"),
        ("*MI*HHP0001", "*MI"),
        ("DMG*D8*19840229", "DMG*D8*19850229"),
        ("EQ*30", "EQ*ZZZ"),
        ("SE*17", "SE*16"),
        ("GE*1*101", "GE*2*101"),
        ("IEA*1*", "IEA*2*"),
        ("ST*270*0001*005010X279A1", "ST*270*0001*005010X279"),
        ("*ZZ*SUBMITTER01    *", "*XX*SUBMITTER01    *"),
        ("NM1*PR", "XX*1~NM1*PR"),
        ("N4*PORTLAND", "N4*port\x01land"),
    ],
)
def test_a_faulty_inquiry_gets_the_same_findings_from_both(old: str, new: str) -> None:
    data = edited((old, new))
    assert not judge(data).accepted
    assert compare(data).same


def own_verdict(data: bytes) -> bool | None:
    """What pyx12's own program returns with our guides, or with its own; None when it raises."""
    for folder in (str(FOLDER), None):
        try:
            text = io.StringIO(data.decode("latin-1"), newline="")
            return x12n_document(ParamsBase(), text, None, None, map_path=folder)
        except (EngineError, OSError):
            continue
        except (X12Error, IndexError, AttributeError, ValueError):
            return None
    return None


def test_the_reference_accepts_what_pyx12s_own_program_accepts() -> None:
    """The 278's answers aside: pyx12's program looks for the direction in BHT02 in 4010 only."""
    for path in sample_files()[::4]:
        data = path.read_bytes()
        if b"*278*" not in data and b"|278|" not in data:
            assert bool(own_verdict(data)) == judge(data).accepted, path.name


def test_every_sample_has_the_same_verdict_or_a_named_difference() -> None:
    outcomes = [compare(path.read_bytes(), path.name) for path in sample_files()]
    assert [(outcome.name, outcome.unexplained) for outcome in outcomes if outcome.unexplained] == []
    assert sum(outcome.same for outcome in outcomes) > len(outcomes) // 2


def test_mutants_of_the_samples_have_the_same_verdict_or_a_named_difference() -> None:
    files = [(path.name, path.read_bytes()) for path in sample_files()]
    outcomes = compare_mutants(files, MUTANTS, seed=1, processes=1, show=False)
    assert len(outcomes) == MUTANTS
    assert [(outcome.name, outcome.unexplained) for outcome in outcomes if outcome.unexplained] == []


def test_the_same_seed_gives_the_same_mutants() -> None:
    files = [("inquiry", one_inquiry())]
    assert list(mutants(files, 5, 7)) == list(mutants(files, 5, 7))
    assert list(mutants(files, 5, 7)) != list(mutants(files, 5, 8))


CLAIMS = (
    INQUIRY[: INQUIRY.index("GS*")].replace("*^*00501", "*U*00401")
    + "GS*HC*SUBMITTER01*PAYER01*20260601*0930*101*X*004010X098A1~"
    + "ST*837*0001~BHT*0019*00*1*20260601*0930*CH~CLM*1*1***11::1*Y*A*Y*Y*B~LX*1~SE*5*0001~"
    + "ST*837*0002~BHT*0019*00*1*20260601*0930*CH~LX*1~SE*4*0002~GE*2*101~IEA*1*000000101~"
)
X217 = "GS*HI*SUBMITTER01*PAYER01*20260601*0930*101*X*005010X217~ST*278*0001*005010X217~"

DELIBERATE = {
    "broken envelope": edited(("SE*17*0001~", "")),
    "set not of the group's guide": edited(("ST*270", "ST*271")),
    "trailing separators": edited(("EQ*30", "EQ*30***")),
    "space before a segment": edited(("EQ*30", " EQ*30")),
    "repetitions": edited(("EQ*30", "EQ*30^35")),
    "HL of the wrong parent": edited(("HL*3*2*22*0", "HL*3*1*22*0")),
    "outside of transaction sets": edited(("~GS*", "~TA1*000000009*260601*9930*A*000~GS*")),
    "TA1 in a set": edited(("EQ*30", "TA1*000000009*260601*0930*A*000~EQ*30")),
    "empty segment": edited(("EQ*30~", "EQ*30~~")),
    "direction of a 278": (
        INQUIRY[: INQUIRY.index("GS*")]
        + X217
        + "BHT*0007111*11*REV-1*20260601*0930~HL*1**20*1~AAA*Y**42*P~SE*5*0001~GE*1*101~IEA*1*000000101~"
    ).encode(),
    "short HL": edited(("HL*1**20*1", "HL*1")),
    "signed control number": edited(("*101*X*", "*-101*X*"), ("GE*1*101", "GE*1*-101")),
    "cut value": edited(("*101*X*", "*101:*X*")),
    "any separator": (
        INQUIRY[: INQUIRY.index("GS*")].replace("*^*00501", "*U*00401").replace("*T*:~", "*T*^~")
        + "GS*FA*SUBMITTER01*PAYER01*20260601*0930*101*X*004010~ST*997*0001~AK1*HS*101~AK9*A*1*1*1~SE*4*0001~"
        + "GE*1*101~IEA*1*000000101~"
    ).encode(),
    "told in the header": edited(("ST*270*0001", "ST*270*01"), ("SE*17*0001", "SE*17*01")),
    "line without claim": CLAIMS.encode(),
    "unknown and empty": edited(("EQ*30~", "XXX~EQ*30~")),
}


def test_every_deliberate_difference_has_an_example() -> None:
    assert set(DELIBERATE) == {difference.name for difference in DIFFERENCES}
    assert all(difference.reason for difference in DIFFERENCES)


def test_an_empty_group_number_that_is_repeated_is_told_once() -> None:
    outcome = compare(edited(("*101*X*", "**X*"), ("GE*1*101", "GE*1*")))
    assert "told in the header" in outcome.classes
    assert not outcome.unexplained


@pytest.mark.parametrize("name", DELIBERATE)
def test_a_deliberate_difference_is_told_by_its_name(name: str) -> None:
    outcome = compare(DELIBERATE[name])
    assert name in outcome.classes
    assert outcome.unexplained == []


@pytest.mark.parametrize(
    "data",
    [
        edited(("*X*005010X279A1", "*X*005010X279A9")),
        edited(("SUBMITTER01    *", "SUBMITTER01*")),
        edited(("EQ*30", "EQ**HC:99213:A1:A2:A3:A4:TEXT:99214:9:X")),
        edited(("*00501*", "*00601*")),
        edited(("DTP*291*D8*20260601", "DTP*291*RD8*20260601-20260602-20260603")),
    ],
)
def test_where_pyx12_gives_up_we_say_what_is_wrong(data: bytes) -> None:
    outcome = compare(data)
    assert outcome.classes == {GAVE_UP.name}
    assert Case(data).ours


def test_what_pyx12_finds_and_loses_is_not_lost_here() -> None:
    data = edited(("ST*270", "ST*271"))
    case = Case(data)
    assert case.reference.accepted
    assert case.ours
    assert LOST.name in compare(data).classes


def test_a_planted_fault_of_ours_is_seen() -> None:
    """The comparison itself: a finding too many, and one too few, are unexplained."""
    point = Point(1, 1, 1, Level.SEGMENT, 5, 0, 0, str(SegmentError.REQUIRED_MISSING))
    case = Case(one_inquiry())
    case.__dict__["ours"] = {point}
    assert not any(difference.explains(case, point) for difference in DIFFERENCES)
    faulty = Case(edited(("EQ*30", "EQ*ZZZ")))
    missed = faulty.ours
    faulty.__dict__["ours"] = set()
    assert not any(difference.explains(faulty, each) for difference in DIFFERENCES for each in missed)


def test_the_command_prints_counts_as_json(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "inquiry.edi"
    path.write_bytes(one_inquiry())
    assert verdicts.main(["--json", "--mutants", "20", "--processes", "1", str(path)]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["samples"] == {"files": 1, "same": 1, "deliberate": {}, "unexplained": 0}
    assert printed["mutants"]["files"] == 20


def test_the_summary_counts_classes() -> None:
    counts = summary([compare(data) for data in DELIBERATE.values()])
    assert counts["files"] == len(DELIBERATE)
    assert counts["unexplained"] == 0
