"""pyx12's verdict beside ours: what both find, and what only one does."""

from dataclasses import dataclass

from parsers import check
from parsers.reference import Point, judge, points_of

REFERENCE_BYTES_MAX = 32 * 1024 * 1024
"""pyx12 takes a file as a whole, and some seconds for each megabyte; larger ones are not given to it."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """The two verdicts on one file."""

    accepted: bool
    """By pyx12."""
    gave_up: str
    """The exception by which pyx12 ended, empty when it judged the whole file."""
    both: list[Point]
    only_pyx12: list[Point]
    only_here: list[Point]

    @property
    def same(self) -> bool:
        return not (self.gave_up or self.only_pyx12 or self.only_here)


def compare(data: bytes) -> Comparison:
    """Ask pyx12 about a whole file and compare."""
    reference = judge(data)
    ours = {*points_of(check(data))}
    return Comparison(
        reference.accepted,
        reference.gave_up,
        sorted(ours & reference.points),
        sorted(reference.points - ours),
        sorted(ours - reference.points),
    )
