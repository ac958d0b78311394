"""Every 277 that is written conforms to its guide and is read as it was decided, whatever is on file and asked.

The short form of ``python -m benchmarks.answers --transaction 277``, and faults planted to show that its judges see
them.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from random import Random

import pytest

from benchmarks.answers import Tally, judge_claim_status
from edi.delimiters import STANDARD
from parsers import check, reference
from tests.claim_answering import answer, read_request, write
from tests.generated_claims import ClaimSituation, claim_situation
from tests.read_back_claims import Told, told_decided, told_read

CASES = 250
PARTS = 2
JUDGED = ("accepted by our check", "accepted by pyx12", "read back equal by x12sdk")


@pytest.mark.parametrize("part", range(PARTS))
def test_every_generated_answer_conforms_and_is_read_as_it_was_decided(part: int) -> None:
    tally = Tally()
    for number in range(part, CASES, PARTS):
        tally.add(judge_claim_status(number))
    assert tally.faults == []
    assert [tally.counts[what] for what in JUDGED] == [tally.counts["277s"]] * len(JUDGED)
    assert tally.counts["277s"] > 0.9 * tally.counts["cases"]
    assert tally.counts["inquiries answered from claims"] > 0.3 * tally.counts["inquiries"]


def answered(count: int) -> list[tuple[ClaimSituation, bytes, set[Told]]]:
    """The first cases that tell claims with lines, with their 277s in the usual delimiters."""
    found: list[tuple[ClaimSituation, bytes, set[Told]]] = []
    number = 0
    while len(found) < count:
        made = replace(claim_situation(number), answered_in=STANDARD)
        number += 1
        request = read_request(made)
        answers = [] if request is None else answer(made, request)
        if request is not None and any(claim.lines for each in answers for claim in each.claims):
            found.append((made, write(made, request, answers), told_decided(answers, request.reference)))
    return found


FAULTS: dict[str, Callable[[str], str]] = {
    "STC*": lambda segment: segment.replace("STC*", "STC*Q9", 1),
    "NM1*IL": lambda segment: segment.replace("NM1*IL", "NM1*ZZ", 1),
    "NM1*1P": lambda segment: segment + "X" * 80,
    "HL*3": lambda segment: segment.replace("HL*3", "HL*4", 1),
    "TRN*2": lambda segment: segment.replace("TRN*2", "TRN*3", 1),
    "SVC*": lambda segment: segment.replace("SVC*", "SVC*Q9", 1),
    "DTP*": lambda segment: segment + "5",
}
"""What to do to a segment that begins like this."""


def test_planted_faults_are_seen_by_both_judges() -> None:
    random, planted = Random(7), Counter[str]()
    for _, data, _ in answered(60):
        segments = data.decode().split("~")
        begins = random.choice([each for each in FAULTS if any(segment.startswith(each) for segment in segments)])
        chosen = random.choice([index for index, segment in enumerate(segments) if segment.startswith(begins)])
        segments[chosen] = FAULTS[begins](segments[chosen])
        damaged = "~".join(segments).encode()
        assert not check(damaged).accepted, begins
        assert not reference.judge(damaged).accepted, begins
        planted[begins] += 1
    assert set(planted) == set(FAULTS)


@pytest.mark.parametrize("begins", ["STC*", "REF*", "DTP*"])
def test_a_segment_lost_on_the_way_is_noticed(begins: str) -> None:
    for _, data, decided in answered(40):
        assert set(told_read(data)) == decided
        segments = data.decode().split("~")
        lost = [index for index, segment in enumerate(segments) if segment.startswith(begins)][-1:]
        left = [segment for index, segment in enumerate(segments) if index not in lost]
        if lost:
            assert set(told_read("~".join(left).encode())) != decided


@pytest.mark.parametrize("begins", ["STC*", "SVC*"])
def test_a_code_or_an_amount_changed_on_the_way_is_noticed(begins: str) -> None:
    for _, data, decided in answered(40):
        segments = data.decode().split("~")
        last = max(index for index, segment in enumerate(segments) if segment.startswith(begins))
        elements = segments[last].split("*")
        elements[2] = "20010101" if begins == "STC*" else "77.77"
        segments[last] = "*".join(elements)
        assert set(told_read("~".join(segments).encode())) != decided
