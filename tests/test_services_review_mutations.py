"""Requests changed at random: whatever the check lets through can be read, told apart and answered."""

import random
from datetime import UTC, datetime
from pathlib import Path

import pytest

from parsers import check
from parsers.framing import read
from parsers.services_review import read_services_review
from rules.reviews import identity_of, refuse_closed, refuse_form
from tests.guide_support import SAMPLES, judge
from tests.review_support import response_maps
from tests.review_tables import answer_request, interchange, read_tables

BOOK, _ = read_tables()
MOMENT = datetime(2026, 6, 1, 13, 30, tzinfo=UTC)
CHANGES_PER_SAMPLE = 150
FIRST, LAST = 2, -3
"""Segments of a file that may change: from the ST to before the SE."""

maps = pytest.fixture(scope="module")(response_maps)


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("278_request_*.edi")), ids=lambda path: path.stem)
def test_whatever_the_check_lets_through_is_answered(path: Path, maps: Path) -> None:
    dice = random.Random(path.stem)
    segments = [line.split("*") for line in path.read_text().replace("\n", "").split("~")[:-1]]
    accepted = 0
    for _ in range(CHANGES_PER_SAMPLE):
        data = _changed(segments, dice)
        if not check(data).accepted:
            continue
        accepted += 1
        (sent,) = read(data)
        request = read_services_review(sent.groups[0].transactions[0], sent.delimiters)
        answers = [refuse_closed(request), refuse_form(request) or answer_request(request, BOOK, MOMENT)]
        for answered in answers:
            assert judge(interchange(answered), maps).faults == ()
        if request.events:
            assert len(identity_of("S-1", request).content) == 64
    assert accepted >= CHANGES_PER_SAMPLE // 20


def _changed(segments: list[list[str]], dice: random.Random) -> bytes:
    """The file with one to three changes, and SE01 right again."""
    changed = [list(segment) for segment in segments]
    for _ in range(dice.randint(1, 3)):
        _change(changed, dice)
    changed[LAST][1] = str(len(changed) + LAST - FIRST + 1)
    return ("~".join("*".join(segment) for segment in changed) + "~").encode()


def _change(segments: list[list[str]], dice: random.Random) -> None:
    """Drop, double, move or empty something, or put one element in another's place."""
    at = dice.randrange(FIRST + 2, len(segments) + LAST)
    segment = segments[at]
    element = dice.randrange(1, len(segment))
    match dice.choice(("drop", "double", "swap", "empty", "borrow", "cut")):
        case "drop":
            del segments[at]
        case "double":
            segments.insert(at, list(segment))
        case "swap":
            segments[at], segments[at - 1] = segments[at - 1], segment
        case "empty":
            segment[element] = ""
        case "borrow":
            segment[element] = dice.choice(dice.choice(segments[FIRST:LAST])[1:] or [""])
        case "cut":
            del segment[element + 1 :]
