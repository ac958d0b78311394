"""When it is worth asking after a claim again."""

from datetime import date, timedelta

import pytest

from edi.claim_status import Status
from edi.claim_status_codes import parse_status_code
from rules.claims.polling import ask_again_after

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def status(*codes: str) -> Status:
    return Status(tuple(parse_status_code(code) for code in codes), date(2026, 9, 4))


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        ("A1:19:40", 4 * HOUR),
        ("A2:20", 4 * HOUR),
        ("P1:45", DAY),
        ("R4:294", DAY),
        ("D0:35", DAY),
        ("F1:65", 7 * DAY),
        ("F2:585", 7 * DAY),
        ("E1:484:PR", HOUR / 12),
    ],
)
def test_a_claim_is_asked_after_again_when_it_may_have_moved(codes: str, expected: timedelta) -> None:
    assert ask_again_after([status(codes)]) == expected


def test_of_several_claims_the_one_that_moves_first_counts() -> None:
    assert ask_again_after([status("F1:65"), status("A2:20"), status("P1:45")]) == 4 * HOUR


def test_the_first_code_of_a_status_is_what_it_is() -> None:
    assert ask_again_after([status("F1:65", "A2:20")]) == 7 * DAY


def test_without_a_status_tomorrow_is_soon_enough() -> None:
    assert ask_again_after([]) == DAY
