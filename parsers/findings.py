"""A finding: one thing that is wrong with the bytes a partner sent, where it is, and the code that says so."""

from dataclasses import dataclass, field
from enum import StrEnum

from edi.acknowledgment_codes import ElementError, GroupError, InterchangeNote, SegmentError, TransactionError

Code = InterchangeNote | GroupError | TransactionError | SegmentError | ElementError


class Level(StrEnum):
    """Where in the acknowledgments a finding is told."""

    INTERCHANGE = "TA1"
    GROUP = "AK9"
    TRANSACTION = "IK5"
    SEGMENT = "IK3"
    ELEMENT = "IK4"


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong, and where. ``repr`` and ``str`` never show the bad value, which may be health information."""

    level: Level
    code: Code
    segment_id: str = ""
    segment: int | None = None
    """Position in the transaction set, its ST being 1; in the interchange, its ISA being 1, at levels TA1 and AK9."""
    loop: str = ""
    """Path of the loop in the guide, outermost first: ``2000A/2000B/2100B``."""
    element: int | None = None
    component: int | None = None
    repetition: int | None = None
    data_element: str = ""
    """X12 data element reference number (IK402), ``67``."""
    name: str = ""
    """What the guide calls the segment or element."""
    value: str = field(default="", repr=False)
    """The bad value as sent (IK404)."""
    offset: int | None = None
    """Of the segment in the file, in bytes."""
    trigger: int | None = None
    """The element of the same segment whose presence makes this an error (999 CTX)."""
    expected: str = ""
    """What the guide would take, in words, where that is short."""
