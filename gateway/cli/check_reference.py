"""pyx12's verdict beside ours: what both find, and what only one does."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from parsers import check
from parsers.findings import Finding, Level
from parsers.reference import Point, judge
from parsers.report import Report

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
    ours = {*points(check(data))}
    return Comparison(
        reference.accepted,
        reference.gave_up,
        sorted(ours & reference.points),
        sorted(reference.points - ours),
        sorted(ours - reference.points),
    )


def points(report: Report) -> Iterator[Point]:
    """Our findings in pyx12's coordinates: envelopes by their number, places within transaction sets only."""
    for number, interchange in enumerate(report.interchanges, start=1):
        outside = Point(number, 0, 0, Level.INTERCHANGE, 0, 0, 0, "")
        yield from (_point(outside, finding) for finding in interchange.findings)
        for group_number, group in enumerate(interchange.groups, start=1):
            in_group = replace(outside, group=group_number)
            yield from (_point(in_group, finding) for finding in group.findings)
            for set_number, transaction in enumerate(group.transactions, start=1):
                in_set = replace(in_group, transaction=set_number)
                yield from (_point(in_set, finding) for finding in transaction.findings)


def _point(place: Point, finding: Finding) -> Point:
    point = replace(place, level=finding.level, code=finding.code.value)
    if finding.level not in (Level.SEGMENT, Level.ELEMENT):
        return point
    return replace(point, segment=finding.segment or 0, element=finding.element or 0, component=finding.component or 0)
