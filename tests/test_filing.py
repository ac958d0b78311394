"""Files read part by part: what is cut where, what is sound, and that nothing is missed on the way."""

import tracemalloc
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edi.acknowledgment_codes import ElementError, SegmentError
from parsers import check, framing, limits
from parsers.filing import EnvelopeFaults, Filed, Filing, Outline, Part, SetOpened
from parsers.findings import Finding
from parsers.submitted_claims import GUIDES, OUTLINE
from tests.claim_file_support import FAMILY, SON, Patient, claim, envelope, file, transaction
from tests.guide_support import REAL_SAMPLES

OUTLINES = {("837", guide): OUTLINE for guide in GUIDES}
TWO = file(Patient((claim("A-1"), claim("A-2"))), Patient((claim("A-3"),), FAMILY, SON))
NO_LINES = claim("BAD", lines="")


def filed(data: bytes, piece_bytes: int = 65_536, outlines: dict[tuple[str, str], Outline] = OUTLINES) -> list[Filed]:
    filing = Filing(outlines)
    told = [
        each for start in range(0, len(data), piece_bytes) for each in filing.feed(data[start : start + piece_bytes])
    ]
    return told + list(filing.close())


def parts(data: bytes, piece_bytes: int = 65_536) -> list[Part]:
    return [each for each in filed(data, piece_bytes) if isinstance(each, Part)]


def claims(data: bytes) -> dict[str, bool]:
    """Whether each claim is sound, by its account."""
    told = parts(data, len(data))
    return {part.segments[0][1]: part.is_sound for part in told if part.identifier == "CLM"}


def findings(told: list[Filed]) -> list[Finding]:
    found = [each for one in told if isinstance(one, Part | EnvelopeFaults) for each in one.findings]
    return sorted((each.finding for each in found), key=_order)


def _order(finding: Finding) -> tuple[str, ...]:
    place = finding.offset, finding.segment, finding.element, finding.component
    return tuple(map(str, (finding.level, *place, finding)))


def test_a_set_is_cut_at_each_level_and_claim() -> None:
    assert [(part.identifier, part.rank, part.position) for part in parts(TWO)] == [
        ("ST", 0, 1),
        ("HL", 1, 6),
        ("HL", 2, 11),
        ("CLM", 4, 18),
        ("CLM", 4, 29),
        ("HL", 2, 40),
        ("HL", 3, 44),
        ("CLM", 4, 50),
        ("SE", 0, 61),
    ]


def test_the_parts_together_are_the_set() -> None:
    text = "~".join("*".join(segment) for part in parts(TWO) for segment in part.segments)
    assert f"{text}~" == transaction(Patient((claim("A-1"), claim("A-2"))), Patient((claim("A-3"),), FAMILY, SON))


SPLIT = (
    TWO,
    file(Patient((claim(), NO_LINES, claim("A-2")))),
    TWO.replace(b"GE*1", b"GE*2").replace(b"IEA*1", b"IEA*2"),
)


@given(st.integers(1, 3_000), st.sampled_from(SPLIT))
@settings(max_examples=40, deadline=None)
def test_it_does_not_matter_how_a_file_is_split(piece_bytes: int, data: bytes) -> None:
    assert filed(data, piece_bytes) == filed(data)


ODD = ("\n", "~", " ", "~~", "\r\n", "SE*1*0001~", "ST*837*0002~", "GS*HC~", "ISA*00~", "IEA*1*1~", "TA1*1~", "A" * 300)


@given(st.lists(st.tuples(st.integers(106, len(TWO)), st.sampled_from(ODD)), max_size=3), st.integers(200, 3_000))
@settings(max_examples=60, deadline=None)
def test_segments_read_in_runs_are_those_read_one_by_one(added: list[tuple[int, str]], piece_bytes: int) -> None:
    text = TWO.decode()
    for place, odd in added:
        text = text[:place] + odd + text[place:]
    data = text.encode()
    in_runs = filed(data, piece_bytes)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(framing, "_RUN_SEGMENTS_MIN", len(data))
        assert filed(data, piece_bytes) == in_runs


def damaged() -> Iterator[bytes]:
    """The file without, and with twice, each of its segments from the ST on."""
    segments = TWO.decode().split("~")[:-1]
    for index in range(2, len(segments)):
        yield "".join(f"{each}~" for each in segments[:index] + segments[index + 1 :]).encode()
        yield "".join(f"{each}~" for each in segments[: index + 1] + segments[index:]).encode()


def test_as_much_is_found_part_by_part_as_by_the_check_of_the_whole() -> None:
    for data in damaged():
        for piece_bytes in (97, 65_536):
            assert findings(filed(data, piece_bytes)) == sorted(check(data).findings, key=_order)


@pytest.mark.skipif(not REAL_SAMPLES.is_dir(), reason="the samples are not here")
def test_as_much_is_found_in_every_sample() -> None:
    for path in sorted(REAL_SAMPLES.glob("837/*")):
        data = path.read_bytes()
        groups = [group for interchange in check(data).interchanges for group in interchange.groups]
        if not any(group.findings for group in groups):
            kinds = {(one.identifier, group.version): OUTLINE for group in groups for one in group.transactions}
            assert findings(filed(data, 512, kinds)) == sorted(check(data).findings, key=_order), path.name


def test_what_is_wrong_with_a_claim_is_told_of_that_claim_only() -> None:
    bad = claim("BAD").replace("SV1*HC:85025*100*UN", "SV1*HC:85025*100*QQ")
    data = file(Patient((claim("A-1"), bad, claim("A-2"))))
    assert claims(data) == {"A-1": True, "BAD": False, "A-2": True}
    [found] = next(part.findings for part in parts(data) if part.findings)
    assert (found.finding.code, found.finding.segment_id, found.finding.element) == (ElementError.CODE, "SV1", 3)
    assert found.transaction == "0001"


@pytest.mark.parametrize("after", [(claim("A-2"),), ()])
def test_what_is_missing_at_the_end_of_a_claim_is_not_the_next_ones_fault(after: tuple[str, ...]) -> None:
    data = file(Patient((NO_LINES, *after)), Patient((claim("A-3"),), FAMILY, SON))
    assert claims(data) == {"BAD": False, "A-3": True} | ({"A-2": True} if after else {})
    [found] = next(part.findings for part in parts(data) if part.findings)
    assert (found.finding.code, found.finding.segment_id) == (SegmentError.REQUIRED_MISSING, "LX")


def test_no_claim_is_sound_for_the_sake_of_a_limit_on_findings() -> None:
    bad = [claim(f"B-{number}").replace("*UN*", "*QQ*") for number in range(limits.FINDINGS_PER_TRANSACTION_MAX)]
    patients = [Patient(tuple(bad[start : start + 50])) for start in range(0, len(bad), 50)]
    assert set(claims(file(*patients)).values()) == {False}


def test_all_claims_of_a_level_that_is_wrong_are_unsound() -> None:
    without_payer = FAMILY.replace("NM1*PR*2*EXAMPLE HEALTH PLAN*****PI*99999~", "")
    wrong = Patient((claim("B-1"), claim("B-2")), without_payer, SON)
    data = file(Patient((claim("A-1"),)), wrong, Patient((claim("C-1"),)))
    assert claims(data) == {"A-1": True, "B-1": False, "B-2": False, "C-1": True}


def test_claims_below_a_level_of_no_known_kind_are_nobodys() -> None:
    data = file(Patient((claim("A-1"),)), Patient((claim("B-1"),)), Patient((claim("C-1"),)))
    assert claims(data.replace(b"HL*3*1*22*0", b"HL*3*1*29*0")) == {"A-1": True, "B-1": False, "C-1": True}


def test_nothing_of_a_set_whose_beginning_is_wrong_is_sound() -> None:
    assert set(claims(TWO.replace(b"BHT*0019*00", b"BHT*0019*99")).values()) == {False}


def test_nothing_of_an_interchange_that_cannot_be_accepted_is_sound() -> None:
    data = TWO.replace(b"*00501*", b"*0050X*")
    assert set(claims(data).values()) <= {False}
    assert any(isinstance(each, EnvelopeFaults) for each in filed(data))


@pytest.mark.parametrize("piece_bytes", [50, 65_536])
def test_the_last_claim_of_a_file_that_was_cut_off_is_not_sound(piece_bytes: int) -> None:
    cut_off = TWO[: TWO.index(b"CLM*A-3") + 100]
    told = filed(cut_off, piece_bytes)
    sound = [each.is_sound for each in told if isinstance(each, Part) and each.identifier == "CLM"]
    assert sound == [True, True, False]


def test_a_wrong_count_of_segments_is_told_and_no_claims_fault() -> None:
    data = TWO.replace(b"SE*61*", b"SE*60*")
    assert set(claims(data).values()) == {True}
    assert [finding.segment_id for finding in findings(filed(data))] == ["SE"]


def test_a_set_without_an_outline_is_told_and_not_read() -> None:
    told = filed(TWO, outlines={})
    assert told == [SetOpened("837", "005010X222A1", "0001", is_taken=False)]


def test_a_set_of_more_segments_than_are_held_is_read_in_flat_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "SEGMENTS_PER_TRANSACTION_MAX", 5_000)
    of_one = claim() * 99
    body = transaction(*[Patient((of_one,))] * 20)
    data = envelope(body)
    assert body.count("~") > 20_000
    filing = Filing(OUTLINES)
    sound = 0
    tracemalloc.start()
    for start in range(0, len(data), 4_096):
        sound += sum(isinstance(each, Part) and each.is_sound for each in filing.feed(data[start : start + 4_096]))
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert list(filing.close()) == []
    assert sound == 2 + 20 * (99 + 1) + 1
    assert peak_bytes < 1_000_000


def test_no_repr_shows_what_a_partner_sent() -> None:
    assert "QUILLFEATHER" not in repr(filed(TWO))
    assert "QUILLFEATHER" not in repr(filed(TWO.replace(b"QUILLFEATHER*ODA", b"QUILLFEATHER*ODA*X*Y*Z*A*B*C")))
