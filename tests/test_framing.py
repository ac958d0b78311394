"""Framing: bytes to envelopes, whatever the bytes."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edi.acknowledgment_codes import InterchangeNote
from parsers import limits
from parsers.findings import Finding
from parsers.frames import Interchange
from parsers.framing import Framer, GroupOpened, InterchangeOpened, TransactionRead, read
from parsers.interchange_header import NO_REPETITION
from tests.timing import assert_linear

SAMPLES = sorted((Path(__file__).parents[2] / "shared" / "samples").glob("*/*"))

ISA = "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *240101*1200*^*00501*000000001*0*T*:~"
GS = "GS*HS*SENDER*RECEIVER*20240101*1200*1*X*005010X279A1~"
BODY = "ST*270*0001*005010X279A1~BHT*0022*13*A1*20240101*1319~HL*1**20*1~EQ*30^1~SE*5*0001~"
TRAILERS = "GE*1*1~IEA*1*000000001~"
WHOLE = ISA + GS + BODY + TRAILERS


def all_findings(data: bytes) -> list[Finding]:
    findings = []
    for interchange in read(data):
        findings += interchange.findings
        for group in interchange.groups:
            findings += group.findings
            for transaction in group.transactions:
                findings += transaction.findings
    return findings


def codes(text: str) -> set[str]:
    return {f"{finding.level} {finding.code}" for finding in all_findings(text.encode("latin-1"))}


def read_in_pieces(data: bytes, size: int) -> list[Interchange]:
    """The same as ``read``, from events, fed ``size`` bytes at a time."""
    framer = Framer()
    events = [event for start in range(0, len(data), size) for event in framer.feed(data[start : start + size])]
    interchanges = []
    for event in events + framer.close():
        match event:
            case InterchangeOpened(interchange):
                interchanges.append(interchange)
            case GroupOpened(group, interchange):
                interchange.groups.append(group)
            case TransactionRead(transaction, group, _):
                group.transactions.append(transaction)
    return interchanges


def offsets(interchanges: list[Interchange]) -> list[int]:
    """Of every segment of every transaction set."""
    return [
        transaction.offset_of(index)
        for interchange in interchanges
        for group in interchange.groups
        for transaction in group.transactions
        for index in range(len(transaction.raw))
    ]


def assert_the_same_in_pieces(data: bytes, size: int) -> None:
    whole, pieces = read(data), read_in_pieces(data, size)
    assert pieces == whole
    assert offsets(pieces) == offsets(whole)


def test_a_clean_interchange_has_no_findings() -> None:
    (interchange,) = read(WHOLE.encode())
    (group,) = interchange.groups
    (transaction,) = group.transactions
    assert all_findings(WHOLE.encode()) == []
    assert (interchange.sender, interchange.control_number, group.version) == ("SENDER", "000000001", "005010X279A1")
    assert (transaction.identifier, transaction.control_number, transaction.guide) == ("270", "0001", "005010X279A1")
    assert transaction.segments[3] == ["EQ", "30^1"]
    assert transaction.position == 3
    assert [WHOLE[transaction.offset_of(i) :][:2] for i in range(5)] == ["ST", "BH", "HL", "EQ", "SE"]


@pytest.mark.parametrize(
    "text",
    [
        "\xef\xbb\xbf" + WHOLE,
        "\n\r\n  " + WHOLE,
        WHOLE.replace("~", "~\n"),
        WHOLE.replace("~", "~\r\n"),
        WHOLE.replace("~", "~\r"),
        WHOLE.replace("~", "~\n\n"),
        WHOLE.replace("~H", "~ \tH"),
        WHOLE.replace("~", "\n"),
        WHOLE.replace("~", "\r\n"),
        WHOLE.replace("~", "\x1d"),
        WHOLE.replace("*", "|").replace("^", "!").replace(":", ">"),
        WHOLE.replace("*^*", "*U*").replace("30^1", "30"),
        WHOLE.replace("EQ*30^1", "EQ*30^1**"),
        WHOLE + "\r\n\x1a\0\0",
        WHOLE[:-1],
        WHOLE + "\n" + WHOLE.replace("000000001", "000000002"),
        WHOLE.replace("GE*1*1~IEA*1", "GE*1*1~" + GS.replace("*1*X", "*2*X") + BODY + "GE*1*2~IEA*2"),
        ISA + "TA1*000000009*240101*1200*A*000~IEA*0*000000001~",
    ],
)
def test_what_real_files_do_harmlessly_is_accepted(text: str) -> None:
    assert codes(text) == set()
    for size in (1, 7, 150):
        assert_the_same_in_pieces(text.encode("latin-1"), size)


def test_a_lone_u_in_isa11_declares_no_repetition_separator() -> None:
    (interchange,) = read(WHOLE.replace("*^*", "*U*").encode())
    assert interchange.delimiters.repetition == NO_REPETITION


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", {"TA1 023"}),
        (" \n", {"TA1 023"}),
        ("hello, this is not X12", {"TA1 022"}),
        (GS + BODY + TRAILERS, {"TA1 022"}),
        (ISA[:14], {"TA1 023"}),
        (ISA, {"TA1 023"}),
        (WHOLE[:200], {"TA1 023", "AK9 3", "IK5 2"}),
        (WHOLE.replace("SENDER         ", "SENDER"), {"TA1 006"}),
        (WHOLE.replace("*240101*1200*^*", "*20240101*1200*^*"), {"TA1 014"}),
        (WHOLE.replace("*^*005", "*:*005"), {"TA1 016"}),
        (WHOLE.replace("*T*:~", "*T*A~"), {"TA1 027"}),
        (WHOLE.replace("*T*:~", "*T*::"), {"TA1 004"}),
        (WHOLE.replace("*", "A"), {"TA1 026"}),
        (WHOLE.replace("ISA*00", "ISA*99"), {"TA1 010"}),
        (WHOLE.replace("*00*          *ZZ", "*99*          *ZZ"), {"TA1 012"}),
        (WHOLE.replace("*ZZ*SENDER", "*XX*SENDER"), {"TA1 005"}),
        (WHOLE.replace("*ZZ*RECEIVER", "*XX*RECEIVER"), {"TA1 007"}),
        (WHOLE.replace("*240101*", "*241301*"), {"TA1 014"}),
        (WHOLE.replace("*240101*1200*", "*240101*2500*"), {"TA1 015"}),
        (WHOLE.replace("00501", "00601"), {"TA1 003"}),
        (WHOLE.replace("00501", "0050A"), {"TA1 017"}),
        (WHOLE.replace("000000001", "00000000A"), {"TA1 018"}),
        (WHOLE.replace("*0*T*", "*2*T*"), {"TA1 019"}),
        (WHOLE.replace("*0*T*", "*0*X*"), {"TA1 020"}),
        (WHOLE.replace("IEA*1", "IEA*2"), {"TA1 021"}),
        (WHOLE.replace("IEA*1*000000001", "IEA*1*000000002"), {"TA1 001"}),
        (WHOLE.replace(GS, ""), {"TA1 022", "TA1 021"}),
        (WHOLE.replace("IEA*1*000000001~", ""), {"TA1 023"}),
        (WHOLE + WHOLE, {"TA1 025"}),
        (WHOLE.replace("GE*1*1~", ""), {"AK9 3"}),
        (WHOLE.replace("GE*1*1~", "GE*1*2~"), {"AK9 4"}),
        (WHOLE.replace("GE*1*1~", "GE*2*1~"), {"AK9 5"}),
        (WHOLE.replace("*1*X*005010X279A1~ST", "*A*X*005010X279A1~ST"), {"AK9 6", "AK9 4"}),
        (WHOLE.replace("*1*X*005010X279A1~ST", "*1*X*~ST"), {"AK9 2"}),
        (WHOLE.replace("GS*HS", "GS*"), {"AK9 1"}),
        (WHOLE.replace("GE*1*1~IEA*1", "GE*1*1~" + GS + BODY + "GE*1*1~IEA*2"), {"AK9 19"}),
        (WHOLE.replace("SE*5*0001~", ""), {"IK5 2"}),
        (WHOLE.replace("SE*5*0001", "SE*5*0002"), {"IK5 3"}),
        (WHOLE.replace("SE*5*0001", "SE*6*0001"), {"IK5 4"}),
        (WHOLE.replace("SE*5*0001", "SE**0001"), {"IK5 4"}),
        (WHOLE.replace("ST*270", "ST*2A0"), {"IK5 6"}),
        (WHOLE.replace("ST*270*0001", "ST*270*01").replace("SE*5*0001", "SE*5*01"), {"IK5 7"}),
        (WHOLE.replace(BODY, BODY + BODY).replace("GE*1", "GE*2"), {"IK5 23"}),
        (WHOLE.replace("ST*270*0001*005010X279A1~", ""), {"TA1 022", "AK9 5"}),
    ],
)
def test_each_misfit_of_an_envelope_has_its_code(text: str, expected: set[str]) -> None:
    assert codes(text) == expected
    assert_the_same_in_pieces(text.encode("latin-1"), 10)


def test_an_unreadable_isa_never_gives_segments() -> None:
    (interchange,) = read(WHOLE.replace("SENDER         ", "SENDER").encode())
    assert interchange.groups == []


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400), st.integers(1, 50))
def test_random_bytes_give_findings_and_the_same_however_they_are_split(data: bytes, size: int) -> None:
    assert all_findings(data)
    assert_the_same_in_pieces(data, size)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 400), st.integers(0, 3), st.sampled_from([b"~", b"*", b"\n", b"ST*", b"ISA", b"", b"\xff"])
        )
    ),
    st.integers(1, 60),
)
def test_damaged_files_are_the_same_whole_or_split(edits: list[tuple[int, int, bytes]], size: int) -> None:
    data = (WHOLE + WHOLE.replace("000000001", "000000002").replace("~", "~\n")).encode()
    for start, length, new in edits:
        data = data[:start] + new + data[start + length :]
    assert_the_same_in_pieces(data, size)


@pytest.mark.skipif(not SAMPLES, reason="the shared samples are not here")
def test_every_sample_is_the_same_whole_or_byte_by_byte() -> None:
    for sample in SAMPLES:
        data = sample.read_bytes()
        assert_the_same_in_pieces(data, 1)


@pytest.mark.parametrize(
    ("text", "last"),
    [
        (ISA + GS + BODY + "GE*1*1~", "GE*"),
        (ISA + GS + BODY, "SE*"),
        (ISA + GS + BODY + "IEA*1*000000001~", "IEA*"),
        (ISA + GS + BODY + "A" * (limits.SEGMENT_CHARACTERS_MAX + 1), "SE*"),
    ],
)
@pytest.mark.parametrize("size", [7, 10_000])
def test_a_missing_trailer_is_told_at_the_last_segment_that_is_there(text: str, last: str, size: int) -> None:
    (interchange,) = read_in_pieces(text.encode(), size)
    findings = [*interchange.findings, *interchange.groups[0].findings]
    assert findings
    assert {finding.offset for finding in findings} == {text.index(last)}


def test_offsets_point_at_the_segments_of_every_sample() -> None:
    for sample in SAMPLES:
        data = sample.read_bytes()
        for interchange in read(data):
            for group in interchange.groups:
                for transaction in group.transactions:
                    for index, raw in enumerate(transaction.raw):
                        offset = transaction.offset_of(index)
                        assert data[offset : offset + len(raw)] == raw.encode("latin-1"), sample.name


@pytest.mark.parametrize(
    "unit",
    [
        b"~",
        b"*",
        b"\n",
        b"HL*1~",
        b"ST*270*0001~",
        b"ST*270*0001~" * 4_000 + b"SE*1*0001~",
        b"ISA*00*~",
        (ISA + "IEA*0*000000001~").encode(),
        GS.encode(),
    ],
)
def test_the_time_is_linear_in_the_bytes(unit: bytes) -> None:
    def file(size: int) -> bytes:
        return (ISA + GS + "ST*270*0001~").encode() + unit * (size // len(unit))

    assert_linear(read, small=file(100_000), large=file(400_000))


def test_one_endless_segment_is_cut_off() -> None:
    data = (ISA + GS + "ST*270*0001~NM1*").encode() + b"A" * (limits.SEGMENT_CHARACTERS_MAX + 1)
    assert "TA1 004" in {f"{f.level} {f.code}" for f in all_findings(data)}


def test_a_transaction_set_without_end_is_cut_off() -> None:
    data = (ISA + GS + "ST*270*0001~").encode() + b"EQ*30~" * (limits.SEGMENTS_PER_TRANSACTION_MAX + 1)
    assert "TA1 024" in {f"{f.level} {f.code}" for f in all_findings(data)}


def test_feeding_drop_by_drop_takes_no_more_than_linear_time() -> None:
    def feed(size: int) -> None:
        framer = Framer()
        for byte in (ISA + GS + "ST*270*0001~NM1*" + "A" * size).encode():
            framer.feed(bytes([byte]))

    assert_linear(feed, small=20_000, large=80_000)


def test_no_repr_shows_what_a_partner_sent() -> None:
    data = WHOLE.replace("EQ*30^1", "NM1*IL*1*SECRETNAME").replace("SE*5", "SE*SECRETNAME").encode()
    assert "SECRETNAME" not in repr(read(data))
    assert "SECRETNAME" not in repr(Framer().feed(data))


def test_of_a_request_so_many_groups_and_sets_together_are_read() -> None:
    sets = "".join(f"ST*270*{number:04d}*005010X279A1~SE*2*{number:04d}~" for number in range(9))
    data = f"{ISA}{GS}{sets}GE*9*1~IEA*1*000000001~".encode()
    assert not any(finding.code == "024" for finding in read(data, envelopes_max=10)[0].findings)
    (interchange,) = read(data, envelopes_max=9)
    assert [str(finding.code) for finding in interchange.findings] == ["024"]


@pytest.mark.parametrize("unit", ["GS~", "GS~GE~", "GS~ST~", "ST~", "ST~SE~"])
def test_what_comes_after_too_many_groups_and_sets_is_not_read(unit: str) -> None:
    (interchange,) = read((ISA + GS + unit * 5_000).encode(), envelopes_max=100)
    assert interchange.findings[-1].code is InterchangeNote.CONTENT
    assert interchange.group_count + sum(group.transaction_count for group in interchange.groups) == 101
