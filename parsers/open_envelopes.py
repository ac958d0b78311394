"""The envelopes that are open while a file is read: which segment opens, closes or belongs to which (X12.6)."""

import sys
from collections.abc import Callable
from itertools import accumulate

from edi.acknowledgment_codes import GroupError, InterchangeNote, TransactionError
from edi.errors import CallerError
from parsers import limits
from parsers.control_numbers import ControlNumbers
from parsers.envelope_findings import (
    Place,
    judge_group_header,
    judge_group_trailer,
    judge_interchange_trailer,
    judge_transaction_header,
    judge_transaction_trailer,
    number_in,
)
from parsers.events import Event, GroupClosed, GroupOpened, InterchangeClosed, InterchangeOpened, TransactionRead
from parsers.findings import Code, Finding, Level
from parsers.frames import FunctionalGroup, Interchange, Segment, TransactionSet, element_of


class OpenEnvelopes:
    """At most one interchange, one functional group in it and one transaction set in that.

    Given each segment in order, tells events; every misfit is a finding on the envelope that it belongs to.
    """

    def __init__(self, envelopes_max: int = sys.maxsize) -> None:
        """Begin a file; ``envelopes_max`` groups and sets together may be in it."""
        self._envelopes_left = envelopes_max
        self.interchange: Interchange | None = None
        self.group: FunctionalGroup | None = None
        self.transaction: TransactionSet | None = None
        self.has_opened = False
        """An interchange, or what stands for one, has been opened."""
        self.stopped = False
        """Nothing more is to be read."""
        self.events: list[Event] = []
        """What has been told and not been taken yet."""
        self._position = 0
        """Of the last segment in the interchange."""
        self._offset = 0
        """Of the last segment in the file, where ``_whole`` is None."""
        self._whole: TransactionSet | None = None
        """The set that the last segment ends, where all of it was taken at once."""
        self._strayed = False
        """The last segment had no place; its neighbours that have none either are not told again."""
        self._interchange_numbers = ControlNumbers()
        self._group_numbers = ControlNumbers()
        self._transaction_numbers = ControlNumbers()

    def open_interchange(self, interchange: Interchange) -> None:
        """An ISA, readable or not, or what stands where one should."""
        self.interchange = interchange
        self._position = 1
        self._offset, self._whole = interchange.offset, None
        self._strayed = False
        self._group_numbers = ControlNumbers()
        self.has_opened = True
        self.events.append(InterchangeOpened(interchange))

    def check_interchange_number(self) -> None:
        """ISA13 must not have come before in the file."""
        interchange = self.interchange
        if interchange is not None and not self._interchange_numbers.is_new(interchange.control_number):
            self.note(InterchangeNote.DUPLICATE_CONTROL_NUMBER, interchange.header, interchange.offset)

    def take(self, segment: Segment, raw: str, offset: int) -> None:
        """Any segment but the ISA: it opens or closes an envelope, or belongs to the innermost that is open."""
        self._position += 1
        self._offset, self._whole = offset, None
        handler = _HANDLERS.get(segment[0])
        if handler is not None:
            handler(self, segment, raw, offset)
        elif self.transaction is not None:
            self._add(self.transaction, segment, raw, offset)
        elif segment[0] == "TA1" and self.interchange is not None and self.group is None:
            self.interchange.acknowledgments.append(segment)
        else:
            self._stray(segment, offset)

    def take_transaction(self, segments: list[Segment], raw: list[str], offset: int, stride: int) -> None:
        """All segments from an ST to its SE at once; a group is open, and no transaction set."""
        self._position += 1
        self._whole = TransactionSet(segments, raw, self._position, offset, stride=stride)
        self._open_transaction(self._whole)
        self._position += len(raw) - 1
        self._end_transaction()

    def take_run(self, segments: list[Segment], raw: list[str], offset: int, stride: int) -> bool:
        """Segments inside of the open transaction set at once; false, and none is taken, where that passes a limit."""
        transaction = self.transaction
        if transaction is None or len(transaction.raw) + len(raw) > limits.SEGMENTS_PER_TRANSACTION_MAX:
            return False
        steps = (len(each) + stride for each in raw[:-1])
        transaction.segments += segments
        transaction.raw += raw
        transaction.offsets += accumulate(steps, initial=offset)
        self._position += len(raw)
        self._offset, self._whole = transaction.offsets[-1], None
        return True

    def _add(self, transaction: TransactionSet, segment: Segment, raw: str, offset: int) -> None:
        transaction.segments.append(segment)
        transaction.raw.append(raw)
        transaction.offsets.append(offset)
        if len(transaction.raw) > limits.SEGMENTS_PER_TRANSACTION_MAX:
            self.stop(InterchangeNote.CONTENT)

    def _take_group_header(self, segment: Segment, _raw: str, offset: int) -> None:
        interchange = self.interchange
        if interchange is None:
            return
        self._leave_group()
        group = FunctionalGroup(segment, self._position, [], [], offset)
        place = Place(self._position, offset)
        group.findings = judge_group_header(segment, place, interchange.delimiters.component)
        if not self._group_numbers.is_new(group.control_number):
            group.findings.append(
                _unspecific(Level.GROUP, GroupError.CONTROL_NUMBER_NOT_UNIQUE, segment, group.position, offset)
            )
        self._transaction_numbers = ControlNumbers()
        self.group = group
        self._strayed = False
        interchange.group_count += 1
        self.events.append(GroupOpened(group, interchange))
        self._count_envelope()

    def _take_transaction_header(self, segment: Segment, raw: str, offset: int) -> None:
        if self.group is None:
            self._stray(segment, offset)
            return
        self._leave_transaction()
        self._open_transaction(TransactionSet([segment], [raw], self._position, offset, offsets=[offset]))

    def _open_transaction(self, transaction: TransactionSet) -> None:
        group, interchange = self.group, self.interchange
        if group is None or interchange is None:
            raise CallerError("a transaction set outside of a group")
        header = transaction.segments[0]
        findings = judge_transaction_header(header, transaction.offset, interchange.delimiters.component)
        if not self._transaction_numbers.is_new(transaction.control_number):
            code = TransactionError.CONTROL_NUMBER_NOT_UNIQUE
            findings.append(_unspecific(Level.TRANSACTION, code, header, 1, transaction.offset))
        transaction.findings = findings
        self.transaction = transaction
        self._strayed = False
        group.transaction_count += 1
        self._count_envelope()

    def _count_envelope(self) -> None:
        """One more group or set has been opened."""
        self._envelopes_left -= 1
        if self._envelopes_left < 0:
            self.stop(InterchangeNote.CONTENT)

    def _take_transaction_trailer(self, segment: Segment, raw: str, offset: int) -> None:
        if self.transaction is None:
            self._stray(segment, offset)
            return
        self._add(self.transaction, segment, raw, offset)
        self._end_transaction()

    def _end_transaction(self) -> None:
        """The open transaction set has its SE."""
        if self.transaction is not None:
            self.transaction.findings.extend(judge_transaction_trailer(self.transaction))
            self._close_transaction(self.transaction)

    def _take_group_trailer(self, segment: Segment, _raw: str, offset: int) -> None:
        group = self.group
        if group is None:
            self._stray(segment, offset)
            return
        self._leave_transaction()
        group.declared_count = number_in(element_of(segment, 1))
        group.findings.extend(judge_group_trailer(segment, group, Place(self._position, offset)))
        self._close_group(group)

    def _take_interchange_trailer(self, segment: Segment, _raw: str, offset: int) -> None:
        interchange = self.interchange
        if interchange is None:
            return
        self._leave_group()
        place = Place(self._position, offset)
        interchange.findings.extend(
            judge_interchange_trailer(segment, interchange.group_count, interchange.control_number, place)
        )
        self._close_interchange(interchange)

    def _leave_transaction(self) -> None:
        """The open transaction set has no SE."""
        transaction = self.transaction
        if transaction is not None:
            code, length = TransactionError.TRAILER_MISSING, transaction.length
            transaction.findings.append(
                _unspecific(Level.TRANSACTION, code, ["SE"], length, transaction.offset_of(length - 1))
            )
            self._close_transaction(transaction)

    def _leave_group(self) -> None:
        """The open functional group has no GE."""
        group = self.group
        if group is not None:
            self._leave_transaction()
            group.findings.append(
                _unspecific(Level.GROUP, GroupError.TRAILER_MISSING, ["GE"], self._position, self._last_offset())
            )
            self._close_group(group)

    def leave_interchange(self, note: InterchangeNote | None) -> None:
        """The open interchange has no IEA; ``note`` says so, unless another finding has said why already."""
        self._leave_group()
        if self.interchange is not None:
            interchange = self.interchange
            if note is not None:
                self.note(note, ["IEA"] if interchange.header else [""], self._last_offset())
            self._close_interchange(interchange)

    def _close_transaction(self, transaction: TransactionSet) -> None:
        self.transaction = None
        if self.group is not None and self.interchange is not None:
            self.events.append(TransactionRead(transaction, self.group, self.interchange))

    def _close_group(self, group: FunctionalGroup) -> None:
        self.group = None
        self._strayed = False
        if self.interchange is not None:
            self.events.append(GroupClosed(group, self.interchange))

    def _close_interchange(self, interchange: Interchange) -> None:
        self.interchange = None
        self.events.append(InterchangeClosed(interchange))

    def _stray(self, segment: Segment, offset: int) -> None:
        """A segment that stands where no envelope has a place for it."""
        if not self._strayed:
            self.note(InterchangeNote.CONTROL_STRUCTURE, segment, offset)
        self._strayed = True

    def _last_offset(self) -> int:
        """Of the last segment in the file: the one at ``_position``."""
        whole = self._whole
        return self._offset if whole is None else whole.offset_of(len(whole.raw) - 1)

    def note(self, note: InterchangeNote, segment: Segment, offset: int) -> None:
        """A finding on the interchange, up to the limit."""
        interchange = self.interchange
        if interchange is not None and len(interchange.findings) < limits.FINDINGS_PER_ENVELOPE_MAX:
            interchange.findings.append(_unspecific(Level.INTERCHANGE, note, segment, self._position, offset))

    def stop(self, note: InterchangeNote | None) -> None:
        """Read no further: the rest cannot be split with certainty, or a limit is passed."""
        if note is not None and self.interchange is not None:
            self.note(note, [""], self._last_offset())
        self.leave_interchange(None)
        self.stopped = True


def _unspecific(level: Level, code: Code, segment: Segment, position: int, offset: int) -> Finding:
    """A finding on a segment as a whole. An identifier that is none is not repeated: it may be anybody's data."""
    identifier = segment[0] if len(segment[0]) <= _IDENTIFIER_CHARACTERS_MAX else ""
    return Finding(level, code, segment_id=identifier, segment=position, offset=offset)


_IDENTIFIER_CHARACTERS_MAX = 3

_HANDLERS: dict[str, Callable[[OpenEnvelopes, Segment, str, int], None]] = {
    "GS": OpenEnvelopes._take_group_header,
    "ST": OpenEnvelopes._take_transaction_header,
    "SE": OpenEnvelopes._take_transaction_trailer,
    "GE": OpenEnvelopes._take_group_trailer,
    "IEA": OpenEnvelopes._take_interchange_trailer,
}
ENVELOPE_IDENTIFIERS = frozenset({"ISA", *_HANDLERS})
"""Of the segments that are no transaction set's own."""
