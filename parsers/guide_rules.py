"""An implementation guide as tables: what each loop, segment, element and component may be.

``parsers.compiling`` makes these from pyx12's maps; ``parsers.walking`` and ``parsers.elements`` judge by them.
"""

import re
from dataclasses import dataclass, field
from enum import StrEnum

from parsers.syntax_notes import SyntaxNote


class Usage(StrEnum):
    """Whether something must, may or must not be there."""

    REQUIRED = "R"
    SITUATIONAL = "S"
    NOT_USED = "N"


@dataclass(frozen=True, slots=True, eq=False)
class ElementRule:
    """A simple element, or a component of a composite."""

    number: int
    """X12's own: 1 is the first after the segment identifier, or the first in the composite."""
    data_element: str
    """X12 data element reference number, ``67``; empty when the map has none."""
    name: str
    usage: Usage
    data_type: str
    """AN, ID, DT, TM, R, N, N0 to N9 or B; empty when the map refers to a data element that is not defined."""
    length_min: int
    length_max: int
    codes: frozenset[str] | None
    """All codes allowed, from the guide and from external lists together; None where any value is."""
    pattern: re.Pattern[str] | None
    """What must be found in the value besides."""
    format_types: tuple[str, ...] = ()
    """For a date period (1251): the formats (1250) of which the value must have one; empty where that is not asked."""
    repeat_max: int = 1


@dataclass(frozen=True, slots=True, eq=False)
class CompositeRule:
    """An element made of components."""

    number: int
    data_element: str
    name: str
    usage: Usage
    components: tuple[ElementRule, ...]
    repeat_max: int = 1


Rule = ElementRule | CompositeRule


@dataclass(frozen=True, slots=True, eq=False)
class Selector:
    """Where the qualifier stands that tells a segment from its siblings, and which codes are this one's."""

    element: int
    component: int
    """0 when the element is a simple one."""
    codes: frozenset[str]


@dataclass(slots=True, eq=False)
class SegmentRule:
    """A segment at its place in a loop."""

    identifier: str
    name: str
    usage: Usage
    use_max: int
    position: int
    """Ordinal among its siblings; several may share one."""
    elements: tuple[Rule, ...]
    notes: tuple[SyntaxNote, ...]
    selector: Selector | None
    loop: "LoopRule"
    index: int = 0
    """Of its counter."""


@dataclass(slots=True, eq=False)
class LoopRule:
    """A loop and what is in it."""

    identifier: str
    name: str
    usage: Usage
    repeat_max: int
    position: int
    parent: "LoopRule | None"
    children: list["SegmentRule | LoopRule"] = field(default_factory=list)
    """In the order of their positions."""
    index: int = 0
    """Of its counter; those of all that is inside follow without gap."""
    index_end: int = 0
    """One past the last counter of what is inside."""
    hierarchy_parent: int | None = None
    """Counter of the innermost loop around this one that begins with an HL; None when there is none."""
    path: str = field(init=False)
    """``2000A/2100A``, without the envelopes and wrappers that only maps have; empty for the set itself."""

    def __post_init__(self) -> None:
        own = self.identifier if self.identifier[:1].isdigit() else ""
        above = self.parent.path if self.parent else ""
        self.path = f"{above}/{own}" if above and own else above or own

    @property
    def first(self) -> "SegmentRule | LoopRule | None":
        """The child that begins the loop."""
        return self.children[0] if self.children else None


@dataclass(slots=True, eq=False)
class Guide:
    """One implementation guide: the loop from ST to SE, and the characters it allows."""

    transaction: str
    """Identifier of the map, ``270``, ``837Q3``."""
    root: LoopRule
    header: SegmentRule
    """The ST."""
    segments: tuple[SegmentRule, ...]
    """All, in the order of their counters."""
    counters: int
    """How many counters a transaction set needs."""
    is_5010: bool
    """Whether the caret and the grave accent are among the characters (5010) or not (4010)."""
    counts_service_lines: bool
    """Whether LX01 must count the lines of each claim (837)."""
