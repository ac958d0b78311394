"""Files about one claim come in any order and any number of times: in the end the same is told of it."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from edi.claim_status_codes import Category
from rules.claims.settlement import settle
from rules.claims.settlement_codes import SETTLEMENT_CODES
from rules.claims.settlement_search import Telling
from rules.claims.status import tell_claim
from rules.facts.claim_profile import ClaimStatusProfile
from rules.facts.claims import Claim
from tests.settlement_support import Check, acknowledgment, read, remittance
from tests.settlement_tables import read_tables

TODAY = date(2026, 11, 21)
HELD = next(case.claims[0] for case in read_tables() if case.claims[0].claim_number == "CN-3")
FIRST, SECOND, THIRD = "SVC*HC:99213*150", "SVC*HC:85025*50", "SVC*HC:85025*100"


def lines(*paid: str) -> str:
    """2110 loops: what was paid of the first, second and third line; empty for one that is not spoken of."""
    loops = zip((FIRST, SECOND, THIRD), paid, ("L-1", "L-2", "L-3"), strict=True)
    return "".join(f"{line}*{amount}**1~DTM*472*20260901~REF*6R*{number}~" for line, amount, number in loops if amount)


def claim(disposition: str, amount: str, below: str = "") -> str:
    """A 2100 loop."""
    charge = "-300" if disposition == "22" else "300"
    return f"CLP*ACC-3*{disposition}*{charge}*{amount}**12*CN-3~NM1*QC*1*QUILLFEATHER*ODA~{below}"


ACKNOWLEDGED = "TRN*2*ACC-3~STC*A2:20*20260904*WQ*300~REF*1K*CN-3~DTP*472*D8*20260901~"
REJECTED_LINE = (
    "TRN*2*ACC-3~STC*A7:247*20260918*U*300~DTP*472*D8*20260901~SVC*HC:85025*100~STC*A7:507*20260918*U~REF*FJ*L-3~"
)
FILES = (
    acknowledgment(ACKNOWLEDGED),
    acknowledgment(REJECTED_LINE),
    remittance(claim("1", "150", lines("100", "50", "")), Check("E-1", "20260921", "20260918")),
    remittance(claim("22", "-150") + claim("1", "160", lines("", "60", "100")), Check("E-2", "20261003", "20261001")),
    remittance(claim("22", "-160") + claim("4", "0"), Check("E-3", "20261013", "20261011")),
    remittance(claim("1", "300", lines("150", "50", "100")), Check("E-4", "20261023", "20261021")),
)


@cache
def tellings(number: int) -> tuple[Telling, ...]:
    """What the file of this number tells."""
    return tuple(read(FILES[number]))


def applied(numbers: list[int], claim: Claim = HELD) -> Claim:
    """The claim after these files."""
    for number in numbers:
        for telling in tellings(number):
            settled = settle(claim, telling, SETTLEMENT_CODES.current(), TODAY)
            assert isinstance(settled, Claim)
            claim = settled
    return claim


def told(claim: Claim, day: date) -> object:
    """What a 277 says of a claim as of a day, without the places in its document."""
    status = tell_claim(claim, day, ClaimStatusProfile())
    assert status is not None
    plain = [replace(each, reason="") for each in status.statuses]
    return plain, [
        replace(line, statuses=tuple(replace(each, reason="") for each in line.statuses)) for line in status.lines
    ]


@settings(deadline=None)
@given(st.permutations(range(len(FILES))))
def test_the_order_of_files_does_not_matter_for_the_claims_status_of_any_day(order: list[int]) -> None:
    one, other = applied(list(range(len(FILES)))), applied(order)
    assert Counter(one.events) == Counter(other.events)
    for day in (TODAY - timedelta(days=ago) for ago in range(80)):
        assert told(one, day)[0] == told(other, day)[0]  # type: ignore[index]


@settings(deadline=None)
@given(st.permutations(range(len(FILES))))
def test_the_order_of_files_does_not_matter_for_the_lines_in_the_end(order: list[int]) -> None:
    assert told(applied(list(range(len(FILES)))), TODAY) == told(applied(order), TODAY)


@settings(deadline=None)
@given(st.permutations(range(len(FILES))))
def test_a_claim_that_came_after_its_payments_fares_as_they_say_in_any_order(order: list[int]) -> None:
    late = replace(HELD, events=tuple([replace(event, effective=TODAY) for event in HELD.events]))
    one, other = applied(list(range(len(FILES))), late), applied(order, late)
    assert told(one, TODAY) == told(other, TODAY)
    (status,) = tell_claim(one, TODAY, ClaimStatusProfile()).statuses  # type: ignore[union-attr]
    assert (status.codes[0].category, status.paid, status.adjudicated) == (Category.PAID, 300, date(2026, 10, 21))


@settings(deadline=None)
@given(st.lists(st.integers(0, len(FILES) - 1), min_size=1, max_size=12))
def test_a_file_that_has_been_applied_changes_nothing_any_more(numbers: list[int]) -> None:
    claim = applied(numbers)
    for number in numbers:
        for telling in tellings(number):
            assert settle(claim, telling, SETTLEMENT_CODES.current(), TODAY) is claim
