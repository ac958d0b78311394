"""The bench of followers counts what is lost, doubled and out of order: each fault is planted once."""

from collections import Counter

import msgspec
import pytest

from benchmarks.change_writer import FIRST_DAY, Stream, turn_of
from benchmarks.changes import Streamed
from benchmarks.followers import Change, Claim, Page, Reader, Status
from gateway.doors.claims.telling import tell_claim
from rules.claims.status import tell_claim as claim_status_of
from rules.facts.claim_profile import ClaimStatusProfile

ORDER = Stream(claims=4, turns=3, tins=("720000000", "720000001"), connections=2)
ALL = {(change.number, change.turn) for change in ORDER.changes()}


def streamed(told: Counter[tuple[str, int]]) -> Streamed:
    reader = Reader(0, "")
    reader.told = told
    return Streamed([reader], [ALL], 1.0)


def test_a_whole_stream_is_neither_lost_nor_doubled() -> None:
    assert (streamed(Counter(ALL)).lost, streamed(Counter(ALL)).doubled) == (0, 0)


@pytest.mark.parametrize(
    ("change", "lost", "doubled"),
    [({("S000001", 2): 0}, 1, 0), ({("S000001", 2): 2}, 0, 1), ({("S000001", 9): 1}, 0, 1)],
)
def test_a_planted_fault_is_counted(change: dict[tuple[str, int], int], lost: int, doubled: int) -> None:
    told = +Counter({**Counter(ALL), **change})
    assert (streamed(told).lost, streamed(told).doubled) == (lost, doubled)


def page(*turns: int) -> Page:
    days = [FIRST_DAY.replace(day=FIRST_DAY.day + turn) for turn in turns]
    return Page([Change(Claim("S000001", [Status(day)])) for day in days], "", has_more=False)


def test_what_comes_after_a_later_turn_is_out_of_order() -> None:
    reader = Reader(0, "")
    for each in (page(1, 3), page(2), page(4)):
        reader._note(each)
    assert reader.out_of_order == 1


def test_the_turn_of_a_claim_is_told_by_its_status() -> None:
    for turn in range(1, 6):
        claim = ORDER.change(0, turn).claim()
        told = claim_status_of(claim, claim.events[-1].effective, ClaimStatusProfile())
        assert told is not None
        read = msgspec.json.decode(msgspec.json.encode(tell_claim(told)), type=Claim)
        assert (read.claim_number, turn_of(read.status[0].effective)) == ("S000000", turn)
