"""The TA1 and the 999 (005010X231A1) as values; ``edi.acknowledgment_writing`` puts them into bytes."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from edi.acknowledgment_codes import (
    AcknowledgmentStatus,
    ElementError,
    GroupError,
    InterchangeNote,
    InterchangeStatus,
    SegmentError,
    TransactionError,
)

ERROR_CODES_MAX = 5
"""IK502 to IK506, AK905 to AK909."""


@dataclass(frozen=True, slots=True)
class InterchangeAcknowledgment:
    """TA1: what became of the interchange with this ISA13 (TA101), ISA09 (TA102) and ISA10 (TA103)."""

    control_number: str
    date: str
    time: str
    note: InterchangeNote = InterchangeNote.NONE

    @property
    def status(self) -> InterchangeStatus:
        """TA104."""
        return InterchangeStatus.ACCEPTED if self.note is InterchangeNote.NONE else InterchangeStatus.REJECTED


@dataclass(frozen=True, slots=True)
class ElementPosition:
    """C030: an element of a segment, its component and its repetition, each counted from 1."""

    element: int
    component: int | None = None
    repetition: int | None = None


@dataclass(frozen=True, slots=True)
class Trigger:
    """CTX01 ``SITUATIONAL TRIGGER``: the data whose presence made something else required or forbidden."""

    segment_id: str
    position: int
    loop: str = ""
    element: ElementPosition | None = None


class BusinessUnitName(StrEnum):
    """C998-1 of the business unit identifier: the element by which a partner finds the record in his own books."""

    TRACE_NUMBER = "TRN02"
    ENTITY_NUMBER = "ENT01"
    CLAIM_NUMBER = "CLM01"


@dataclass(frozen=True, slots=True)
class BusinessUnit:
    """CTX of the business unit in which an error lies."""

    name: BusinessUnitName
    reference: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ElementNote:
    """IK4: one error of one element."""

    position: ElementPosition
    code: ElementError
    data_element: str = ""
    """Reference number, ``67``; left out when it is not a number."""
    bad_value: str = field(default="", repr=False)
    triggers: Sequence[Trigger] = ()


@dataclass(frozen=True, slots=True)
class SegmentNote:
    """IK3: one error of one segment, the ST being at position 1."""

    segment_id: str
    position: int
    code: SegmentError
    loop: str = ""
    triggers: Sequence[Trigger] = ()
    business_unit: BusinessUnit | None = None
    elements: Sequence[ElementNote] = ()


@dataclass(frozen=True, slots=True)
class TransactionAcknowledgment:
    """AK2 to IK5: what became of one transaction set (ST01, ST02, ST03)."""

    identifier: str
    control_number: str
    guide: str = ""
    errors: Sequence[TransactionError] = ()
    notes: Sequence[SegmentNote] = ()
    tolerated: bool = False
    """The set is processed although it has errors."""

    @property
    def status(self) -> AcknowledgmentStatus:
        """IK501."""
        if not self.errors and not self.notes:
            return AcknowledgmentStatus.ACCEPTED
        return AcknowledgmentStatus.ACCEPTED_WITH_ERRORS if self.tolerated else AcknowledgmentStatus.REJECTED

    @property
    def codes(self) -> tuple[TransactionError, ...]:
        """IK502 to IK506: the set's own errors, then that segments break the standard's or the guide's rules."""
        found = [*self.errors]
        if any(_by_standard(note) for note in self.notes):
            found.append(TransactionError.SEGMENTS_IN_ERROR)
        if any(_by_guide(note) for note in self.notes):
            found.append(TransactionError.GUIDE_SEGMENTS_IN_ERROR)
        return tuple(dict.fromkeys(found))[:ERROR_CODES_MAX]


@dataclass(frozen=True, slots=True)
class GroupAcknowledgment:
    """AK1 to AK9: what became of one functional group."""

    functional_identifier: str
    control_number: str
    guide: str
    sender: str
    """GS02 of the received group: the receiver of the answer."""
    receiver: str
    """GS03 of the received group: the sender of the answer."""
    included: int
    """Transaction sets by the sender's count (GE01)."""
    received: int
    """Transaction sets by our count."""
    accepted: int
    transactions: Sequence[TransactionAcknowledgment] = ()
    """Those that the answer tells about: all of them, or only the rejected ones."""
    errors: Sequence[GroupError] = ()

    @property
    def status(self) -> AcknowledgmentStatus:
        """AK901."""
        if self.errors or self.accepted == 0 < self.received:
            return AcknowledgmentStatus.REJECTED
        if self.accepted < self.received:
            return AcknowledgmentStatus.PARTLY_ACCEPTED
        if any(one.status is AcknowledgmentStatus.ACCEPTED_WITH_ERRORS for one in self.transactions):
            return AcknowledgmentStatus.ACCEPTED_WITH_ERRORS
        return AcknowledgmentStatus.ACCEPTED


def _by_guide(note: SegmentNote) -> bool:
    return note.code.startswith("I") or any(element.code.startswith("I") for element in note.elements)


def _by_standard(note: SegmentNote) -> bool:
    if note.code is SegmentError.ELEMENTS_IN_ERROR:
        return not note.elements or any(not element.code.startswith("I") for element in note.elements)
    return not note.code.startswith("I")
