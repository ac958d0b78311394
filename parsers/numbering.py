"""Numbers that segments give themselves: HL01 and HL02, and LX01 in claims."""

from bisect import bisect_left

from edi.acknowledgment_codes import ElementError
from parsers.elements import Fault
from parsers.frames import Segment, element_of
from parsers.guide_rules import LoopRule

NUMBERED = frozenset({"HL", "LX", "CLM"})
"""The segments that ``Numbering.check`` is to see, all of them and in order."""

_CHAINED_LEVELS = frozenset({"SS"})
"""HL03 of levels that may lie in one another: services in X12's published 278 for non-emergency transportation."""

_DIGITS_MAX = 12
"""Of HL01 (data element 628)."""


class Numbering:
    """Counts as the guide does and says where a segment counts otherwise.

    HL01 begins with 1 and goes up by 1. HL02 names an HL that is still open, and of those the one that the segment's
    own loop lies in. LX01 counts the service lines of a claim.
    """

    def __init__(self, *, counts_service_lines: bool) -> None:
        self._counts_service_lines = counts_service_lines
        self._lines = 0
        self._count = 0
        self._open: list[int] = []
        """The HL above the present one, outermost first, and itself; rising."""
        self._latest: dict[int, int] = {}
        """The last HL of each loop, by the index of the loop."""

    def check(self, segment: Segment, loop: LoopRule | None) -> list[Fault]:
        """What is wrong with the number that ``segment`` gives itself.

        Args:
            segment: an HL, LX or CLM.
            loop: the loop that it begins; None when the guide has no place for it.
        """
        if segment[0] == "HL":
            return self._hierarchy(segment, loop)
        if not self._counts_service_lines:
            return []
        if segment[0] == "CLM":
            self._lines = 0
            return []
        self._lines += 1
        number = element_of(segment, 1)
        return [] if number == str(self._lines) else [Fault(ElementError.PATTERN, 1, value=number)]

    def _hierarchy(self, segment: Segment, loop: LoopRule | None) -> list[Fault]:
        self._count += 1
        own, above = element_of(segment, 1), element_of(segment, 2)
        faults = []
        if own != str(self._count) and _integer(own) != self._count:
            faults.append(Fault(ElementError.PATTERN, 1, value=own))
        if above:
            parent = _integer(above)
            is_open = self._return_to(parent)
            if not is_open or not (self._is_parent(parent, loop) or element_of(segment, 3) in _CHAINED_LEVELS):
                faults.append(Fault(ElementError.PATTERN, 2, value=above))
        self._open.append(self._count)
        if loop is not None:
            self._latest[loop.index] = self._count
        return faults

    def _return_to(self, parent: int | None) -> bool:
        """Close all HL below ``parent``; false, and all are closed, when it is not open."""
        at = bisect_left(self._open, parent) if parent is not None else len(self._open)
        if at == len(self._open) or self._open[at] != parent:
            self._open.clear()
            return False
        del self._open[at + 1 :]
        return True

    def _is_parent(self, parent: int | None, loop: LoopRule | None) -> bool:
        """Whether ``parent`` is the HL of the loop around; where the guide does not nest them, any open one is."""
        if loop is None or loop.hierarchy_parent is None:
            return True
        return self._latest.get(loop.hierarchy_parent) == parent


def _integer(text: str) -> int | None:
    """The number written; spaces around it are the fault of its characters, not of the count."""
    text = text.strip(" ")
    return int(text) if len(text) <= _DIGITS_MAX and text.isascii() and text.isdigit() else None
