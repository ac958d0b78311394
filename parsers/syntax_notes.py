"""Syntax notes: conditions between the elements of one segment (X12.6), ``P0809``, ``C1110``."""

from dataclasses import dataclass

from edi.acknowledgment_codes import ElementError
from parsers.frames import Segment, element_of

_KINDS = "PRCLE"


@dataclass(frozen=True, slots=True)
class SyntaxNote:
    """One condition.

    P: all or none. R: at least one. E: at most one. C: the first asks for all others. L: the first asks for one other.
    """

    kind: str
    elements: tuple[int, ...]

    @property
    def code(self) -> ElementError:
        """The IK403 of a breach."""
        return ElementError.EXCLUSION if self.kind == "E" else ElementError.CONDITIONAL_MISSING

    def breach(self, segment: Segment, component_separator: str) -> int | None:
        """Number of the element that is missing (of the one too many, for E); None when all is well."""
        present = [element_of(segment, number).strip(component_separator) != "" for number in self.elements]
        return self._misplaced(present)

    def trigger(self, segment: Segment, component_separator: str) -> int | None:
        """Number of the element whose presence makes the breach one (999 CTX); None when none is there, as for R."""
        present = (number for number in self.elements if element_of(segment, number).strip(component_separator))
        return next(present, None)

    def _misplaced(self, present: list[bool]) -> int | None:
        match self.kind:
            case "P":
                broken = any(present) and not all(present)
            case "R":
                broken = not any(present)
            case "E":
                return self._second(present) if sum(present) > 1 else None
            case "C":
                broken = present[0] and not all(present)
            case _:
                broken = present[0] and not any(present[1:])
        return self.elements[present.index(False)] if broken else None

    def _second(self, present: list[bool]) -> int:
        return self.elements[present.index(True, present.index(True) + 1)]


def note_of(text: str) -> SyntaxNote | None:
    """Read ``P0809``; None when it is no note."""
    kind, digits = text[:1], text[1:]
    if kind not in _KINDS or not kind or len(digits) < len("0102") or not digits.isdigit():
        return None
    return SyntaxNote(kind, tuple(int(digits[i : i + 2]) for i in range(0, len(digits) - 1, 2)))
