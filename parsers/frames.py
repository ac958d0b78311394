"""The envelopes of X12 as values: interchange, functional group, transaction set, each with its segments.

A segment is the list of its elements as sent, the segment identifier first: ``["EQ", "30"]``. Components and
repetitions inside an element are still joined by the interchange's own delimiters.
"""

from dataclasses import dataclass, field

from edi.delimiters import Delimiters
from parsers.findings import Finding

Segment = list[str]


@dataclass(slots=True)
class TransactionSet:
    """ST to SE: what one IK5 acknowledges."""

    segments: list[Segment] = field(repr=False)
    raw: list[str] = field(repr=False)
    """The same segments as text, without terminator."""
    position: int
    """Of the ST in the interchange, the ISA being 1."""
    offset: int
    """Of the ST in the file, in bytes."""
    findings: list[Finding] = field(default_factory=list)

    @property
    def identifier(self) -> str:
        """ST01, empty when absent."""
        return _element(self.segments[0], 1)

    @property
    def control_number(self) -> str:
        """ST02, empty when absent."""
        return _element(self.segments[0], 2)

    @property
    def guide(self) -> str:
        """ST03, empty when absent."""
        return _element(self.segments[0], 3)


@dataclass(slots=True)
class FunctionalGroup:
    """GS to GE: what one 999 acknowledges."""

    header: Segment = field(repr=False)
    position: int
    transactions: list[TransactionSet] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


@dataclass(slots=True)
class Interchange:
    """ISA to IEA: what one TA1 acknowledges."""

    header: Segment = field(repr=False)
    delimiters: Delimiters
    groups: list[FunctionalGroup] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def _element(segment: Segment, number: int) -> str:
    return segment[number] if len(segment) > number else ""
