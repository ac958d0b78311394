"""Transaction sets whose middle came before are read and judged as if it had not."""

import random

import pytest

from benchmarks.conformance import one_inquiry
from benchmarks.mutants import mutate
from parsers.checking import check_interchange
from parsers.frames import Interchange
from parsers.framing import read
from parsers.middles import KNOWN, Middle, Middles
from tests.test_framing import offsets, read_in_pieces

MUTANTS = 1_500
INQUIRY = one_inquiry().decode()
BROKEN_LINES = INQUIRY.replace("~", "~\r\n")
CLEAN = (INQUIRY, BROKEN_LINES)


def checked(interchanges: list[Interchange]) -> list[Interchange]:
    for interchange in interchanges:
        check_interchange(interchange)
    return interchanges


@pytest.fixture(autouse=True, scope="module")
def learnt() -> None:
    """The shape and the middles have come often enough to be known."""
    for text in CLEAN * 101:
        checked(read(text.encode()))


def middle_of(data: bytes) -> Middle | None:
    return read(data)[0].groups[0].transactions[0].middle


@pytest.mark.parametrize("text", CLEAN)
def test_a_middle_that_came_before_is_found_again(text: str) -> None:
    middle = middle_of(text.encode())
    assert middle is not None
    assert middle.test is not None
    assert middle is middle_of(text.encode())


@pytest.mark.parametrize("text", CLEAN)
def test_mutants_around_and_in_a_known_middle_are_judged_as_by_the_framer_and_the_walk(text: str) -> None:
    known = 0
    for seed in range(MUTANTS):
        for data in (mutate(text.encode(), seed).data, with_a_byte_changed(text.encode(), seed)):
            taken, fed = checked(read(data)), checked(read_in_pieces(data, 64))
            assert taken == fed
            assert offsets(taken) == offsets(fed)
            known += is_familiar(taken)
    assert known


def with_a_byte_changed(data: bytes, seed: int) -> bytes:
    """One byte replaced, taken out or put in, often a delimiter."""
    draw = random.Random(seed)
    at = draw.randrange(len(data))
    put = bytes([draw.choice(b"*:^~\r\n 0A\x00\xe9TRNSE") for _ in range(draw.randrange(3))])
    return data[:at] + put + data[at + draw.randrange(2) :]


def is_familiar(interchanges: list[Interchange]) -> bool:
    """Whether the first set's middle was known, and the set was damaged elsewhere."""
    for group in interchanges[0].groups:
        for transaction in group.transactions:
            return transaction.middle is not None and transaction.middle.test is not None
    return False


def test_a_known_middle_with_another_trace_is_clean_and_with_a_bad_one_is_not() -> None:
    trace = next(segment for segment in INQUIRY.split("~") if segment.startswith("TRN"))
    (interchange,) = checked(read(INQUIRY.replace(trace, "TRN*1*ANOTHER*9876543210").encode()))
    assert not interchange.groups[0].transactions[0].findings
    (interchange,) = checked(read(INQUIRY.replace(trace, "TRN*7*ANOTHER*9876543210").encode()))
    findings = interchange.groups[0].transactions[0].findings
    assert [finding.segment_id for finding in findings] == ["TRN"]
    assert middle_of(INQUIRY.replace(trace, "TRN*7*ANOTHER*9876543210").encode()) is middle_of(INQUIRY.encode())


def test_the_middles_kept_are_bounded_and_those_not_seen_for_longest_go_first() -> None:
    middles = Middles(2)
    one, two, three = (Middle(("*^:~", text, None), [[text]], [], [text], []) for text in ("A", "B", "C"))
    middles.keep(one)
    middles.keep(two)
    assert middles.find(one.key) is one
    middles.keep(three)
    assert middles.find(two.key) is None
    assert middles.find(one.key) is one


def test_a_middle_tells_nothing_of_what_it_holds() -> None:
    middle = middle_of(INQUIRY.encode())
    assert middle is not None
    assert "HL" not in repr(middle)
    assert "HL" not in repr(KNOWN)
