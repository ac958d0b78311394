"""The business unit of an error: the record that the sender can look up in his own books (999 CTX, RFI 1312 and 2293).

Where the guide's identifier is a member's own number (278, 834) it is left out: a 999 tells no more than it must about
a patient, and its segment position finds the record as well.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from edi.acknowledgment import BusinessUnit, BusinessUnitName
from parsers.frames import Segment, element_of


@dataclass(frozen=True, slots=True)
class _Rule:
    """A unit begins with the segment ``opens``, holds its key in ``key`` and goes on to the next one or the next HL."""

    name: BusinessUnitName
    key: str
    key_element: int
    opens: str
    levels: tuple[str, ...] = ()
    """HL03 of the levels that are units, when the HL opens them."""


_BOUNDARIES = ("HL", "SE")
"""What ends a unit of any kind."""

_PATIENT = _Rule(BusinessUnitName.TRACE_NUMBER, "TRN", 2, "HL", ("22", "23"))
_CLAIM_STATUS = _Rule(BusinessUnitName.TRACE_NUMBER, "TRN", 2, "TRN")

_RULES = {
    "270": _PATIENT,
    "271": _PATIENT,
    "276": _CLAIM_STATUS,
    "277": _CLAIM_STATUS,
    "820": _Rule(BusinessUnitName.ENTITY_NUMBER, "ENT", 1, "ENT"),
    "835": _Rule(BusinessUnitName.TRACE_NUMBER, "TRN", 2, "TRN"),
    "837": _Rule(BusinessUnitName.CLAIM_NUMBER, "CLM", 1, "CLM"),
}
"""By ST01."""


class BusinessUnits:
    """Finds the business unit of any segment of one transaction set, after one walk over it."""

    def __init__(self, segments: Sequence[Segment]) -> None:
        self._rule = _RULES.get(element_of(segments[0], 1))
        self._starts: list[int] = [0]
        self._references: list[str] = [""]
        self._open = False
        if self._rule is not None:
            marks = (self._rule.opens, self._rule.key, *_BOUNDARIES)
            for position, segment in enumerate(segments, start=1):
                if segment[0] in marks:
                    self._take(position, segment, self._rule)

    def at(self, position: int) -> BusinessUnit | None:
        """The unit of the segment at this position (ST being 1); None when it is in none, or in one without its key."""
        reference = self._references[bisect_right(self._starts, position) - 1]
        return BusinessUnit(self._rule.name, reference) if self._rule is not None and reference else None

    def _take(self, position: int, segment: Segment, rule: _Rule) -> None:
        if segment[0] == rule.opens or segment[0] in _BOUNDARIES:
            self._starts.append(position)
            self._references.append("")
            self._open = segment[0] == rule.opens and (not rule.levels or element_of(segment, 3) in rule.levels)
        if segment[0] == rule.key and self._open and not self._references[-1]:
            self._references[-1] = element_of(segment, rule.key_element)
