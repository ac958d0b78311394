"""The envelopes of X12 as values: interchange, functional group, transaction set, each with its segments.

A segment is the list of its elements as sent, the segment identifier first: ``["EQ", "30"]``. Components and
repetitions inside an element are still joined by the interchange's own delimiters.
"""

from dataclasses import dataclass, field
from itertools import accumulate

from edi.delimiters import Delimiters
from parsers.findings import Finding
from parsers.middles import Middle

Segment = list[str]


@dataclass(slots=True)
class TransactionSet:
    """ST to SE: what one IK5 acknowledges."""

    segments: list[Segment] = field(repr=False)
    """The ST first; the SE last, unless it is missing (then there is a finding)."""
    raw: list[str] = field(repr=False)
    """The same segments as text, without terminator and without the white space before them."""
    position: int
    """Of the ST in the interchange, the ISA being 1."""
    offset: int
    """Of the ST in the file, in bytes."""
    findings: list[Finding] = field(default_factory=list)
    offsets: list[int] = field(default_factory=list, repr=False, compare=False)
    """Of each segment in the file, in bytes. Empty while all follow each other at ``stride``; see ``offset_of``."""
    stride: int = field(default=1, compare=False)
    """Characters between one segment and the next, the terminator and the line break after it, where all are alike."""
    middle: Middle | None = field(default=None, repr=False, compare=False)
    """What of it may come again, where it was taken in one go."""
    dropped: int = field(default=0, compare=False)
    """Segments after the ST that are not held any more; the others are counted with them all the same."""

    @property
    def length(self) -> int:
        """How many segments have been read so far, those dropped included."""
        return len(self.segments) + self.dropped

    def index_of(self, position: int) -> int:
        """Where the segment with this position, the ST having 1, stands in ``segments`` and ``raw``."""
        return position - 1 - self.dropped if position > 1 else 0

    def offset_of(self, index: int) -> int:
        """Of one segment in the file, in bytes; the ST has index 0, and those dropped count."""
        if not self.offsets:
            steps = (len(raw) + self.stride for raw in self.raw)
            self.offsets.extend(accumulate(steps, initial=self.offset))
        return self.offsets[self.index_of(index + 1)]

    def drop(self) -> None:
        """Let go of all segments after the ST, in the middle of a set that is too large to be held."""
        self.dropped += len(self.segments) - 1
        for kept in (self.segments, self.raw, self.offsets):
            del kept[1:]

    @property
    def identifier(self) -> str:
        """ST01, empty when absent."""
        return element_of(self.segments[0], 1)

    @property
    def control_number(self) -> str:
        """ST02, empty when absent."""
        return element_of(self.segments[0], 2)

    @property
    def guide(self) -> str:
        """ST03, empty when absent."""
        return element_of(self.segments[0], 3)


@dataclass(slots=True)
class FunctionalGroup:
    """GS to GE: what one 999 acknowledges."""

    header: Segment = field(repr=False)
    position: int
    """Of the GS in the interchange, the ISA being 1."""
    transactions: list[TransactionSet] = field(default_factory=list)
    """Filled by ``parsers.framing.read``; empty when the transactions were streamed."""
    findings: list[Finding] = field(default_factory=list)
    offset: int = 0
    """Of the GS in the file, in bytes."""
    transaction_count: int = 0
    """ST segments seen so far (AK903)."""
    declared_count: int | None = None
    """GE01 (AK902), None while it is unknown or when it is no number."""

    @property
    def identifier(self) -> str:
        """GS01, the functional identifier code; empty when absent."""
        return element_of(self.header, 1)

    @property
    def control_number(self) -> str:
        """GS06, empty when absent."""
        return element_of(self.header, 6)

    @property
    def version(self) -> str:
        """GS08, the version and guide; empty when absent."""
        return element_of(self.header, 8)


@dataclass(slots=True)
class Interchange:
    """ISA to IEA: what one TA1 acknowledges."""

    header: Segment = field(repr=False)
    """ISA and its elements; fewer than sixteen when it could not be read; empty when there was no ISA at all."""
    delimiters: Delimiters
    """As declared by the ISA; the usual ones when it declares none that can be used."""
    groups: list[FunctionalGroup] = field(default_factory=list)
    """Filled by ``parsers.framing.read``; empty when the groups were streamed."""
    findings: list[Finding] = field(default_factory=list)
    offset: int = 0
    """Of the ISA in the file, in bytes."""
    acknowledgments: list[Segment] = field(default_factory=list, repr=False)
    """TA1 segments outside the groups."""
    group_count: int = 0
    """GS segments seen so far."""

    @property
    def sender(self) -> str:
        """ISA06 without its padding."""
        return element_of(self.header, 6).rstrip()

    @property
    def receiver(self) -> str:
        """ISA08 without its padding."""
        return element_of(self.header, 8).rstrip()

    @property
    def version(self) -> str:
        """ISA12."""
        return element_of(self.header, 12)

    @property
    def control_number(self) -> str:
        """ISA13."""
        return element_of(self.header, 13)


def element_of(segment: Segment, number: int) -> str:
    """The element with X12's own number (1 is the first after the identifier), empty when the segment ends before."""
    return segment[number] if len(segment) > number else ""
