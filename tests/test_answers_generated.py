"""Every 271 that is written conforms to its guide and is read as it was decided, whatever is on file and asked.

The short form of ``python -m benchmarks.answers``, and faults planted to show that its judges see them.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from random import Random

import pytest

from benchmarks.answers import Tally, judge
from edi.delimiters import STANDARD
from parsers import check, reference
from tests.answering import answer, read_request, write
from tests.generated_inquiries import Situation, situation
from tests.guide_support import first_repetitions
from tests.read_back import lines_decided, lines_read

CASES = 400
PARTS = 4
JUDGED = ("accepted by our check", "accepted by pyx12", "read back equal by x12sdk")


@pytest.mark.parametrize("part", range(PARTS))
def test_every_generated_answer_conforms_and_is_read_as_it_was_decided(part: int) -> None:
    tally = Tally()
    for number in range(part, CASES, PARTS):
        tally.add(judge(number))
    assert tally.faults == []
    assert [tally.counts[what] for what in JUDGED] == [tally.counts["271s"]] * len(JUDGED)
    assert tally.counts["271s"] > 0.9 * tally.counts["cases"]
    assert tally.counts["patients"] > 1.3 * tally.counts["patients refused"]


def answered(count: int) -> list[tuple[Situation, bytes]]:
    """The first cases that are answered with benefits, with their 271s in the usual delimiters."""
    found: list[tuple[Situation, bytes]] = []
    number = 0
    while len(found) < count:
        made = replace(situation(number), answered_in=STANDARD)
        number += 1
        request = read_request(made)
        answers = [] if request is None else answer(made, request)
        if request is not None and any(len(each.benefits) > 3 for each in answers):
            found.append((made, write(made, request, answers)))
    return found


FAULTS: dict[str, Callable[[str], str]] = {
    "EB*": lambda segment: segment.replace("EB*", "EB*ZQ", 1),
    "NM1*IL": lambda segment: segment.replace("NM1*IL", "NM1*ZZ", 1),
    "NM1*1P": lambda segment: segment + "X" * 80,
    "HL*3": lambda segment: segment.replace("HL*3", "HL*4", 1),
    "MSG*": lambda segment: segment + " ",
    "DTP*": lambda segment: segment + "5",
}
"""What to do to a segment that begins like this."""


def test_planted_faults_are_seen_by_both_judges() -> None:
    random, planted = Random(7), Counter[str]()
    for _, data in answered(80):
        segments = data.decode().split("~")
        begins = random.choice([each for each in FAULTS if any(segment.startswith(each) for segment in segments)])
        chosen = random.choice([index for index, segment in enumerate(segments) if segment.startswith(begins)])
        segments[chosen] = FAULTS[begins](segments[chosen])
        damaged = "~".join(segments)
        assert not check(damaged.encode()).accepted, begins
        assert not reference.judge(first_repetitions(damaged).encode()).accepted, begins
        planted[begins] += 1
    assert set(planted) == set(FAULTS)


def test_a_line_lost_or_changed_on_the_way_is_noticed() -> None:
    for made, data in answered(60):
        request = read_request(made)
        assert request is not None
        answers = answer(made, request)
        decided = lines_decided(answers)
        assert lines_read(data) == decided
        segments = data.decode().split("~")
        last = max(index for index, segment in enumerate(segments) if segment.startswith("EB*"))
        assert lines_read("~".join(segments[:last] + segments[last + 1 :]).encode()) != decided
        segments[last] = "*".join(["EB", "E", *segments[last].split("*")[2:]])
        assert lines_read("~".join(segments).encode()) != decided
