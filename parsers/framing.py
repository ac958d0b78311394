"""Interchange framing: bytes in, envelopes out, without I/O (X12.5, X12.6).

``Framer`` is fed bytes as they come and gives events; it holds no more than the transaction set that is being read.
``read`` frames a whole file with it, so whole or split anywhere gives the same. Nothing here raises on what a partner
sent: every misfit is a finding on the interchange, functional group or transaction set that it belongs to, and where
the envelopes cannot be told apart any more, reading stops and says so.
"""

from collections.abc import Callable
from typing import NamedTuple

from edi.acknowledgment_codes import GroupError, InterchangeNote, TransactionError
from edi.delimiters import STANDARD
from parsers import limits
from parsers.envelope_findings import (
    Place,
    judge_group_header,
    judge_group_trailer,
    judge_interchange_trailer,
    judge_transaction_header,
    judge_transaction_trailer,
    number_in,
)
from parsers.findings import Code, Finding, Level
from parsers.frames import FunctionalGroup, Interchange, Segment, TransactionSet, element_of
from parsers.interchange_header import ISA_CHARACTERS, read_header
from parsers.whole_interchange import line_joint, read_whole_interchange

_BREAKS = "\r\n\t "
"""White space that may stand before a segment identifier."""
_PADDING = _BREAKS + "\0\x1a"
"""What may stand around interchanges besides: fill and the end-of-file mark of old systems."""
_BYTE_ORDER_MARK = "\xef\xbb\xbf"


class InterchangeOpened(NamedTuple):
    """An ISA was read; with findings when it is not as it should be."""

    interchange: Interchange


class GroupOpened(NamedTuple):
    """A GS was read."""

    group: FunctionalGroup
    interchange: Interchange


class TransactionRead(NamedTuple):
    """A whole transaction set, with the findings that its ST and SE gave."""

    transaction: TransactionSet
    group: FunctionalGroup
    interchange: Interchange


class GroupClosed(NamedTuple):
    """All findings on the group's own envelope are known now."""

    group: FunctionalGroup
    interchange: Interchange


class InterchangeClosed(NamedTuple):
    """All findings on the interchange's own envelope are known now."""

    interchange: Interchange


Event = InterchangeOpened | GroupOpened | TransactionRead | GroupClosed | InterchangeClosed


def read(data: bytes) -> list[Interchange]:
    """Frame a whole file.

    Args:
        data: a file as received; any bytes.

    Returns:
        Its interchanges with their groups and transaction sets, each with its findings. At least one: an empty file
        is an interchange that ended too early.
    """
    whole = read_whole_interchange(data.decode("latin-1"))
    if whole is not None:
        return [whole]
    framer = Framer()
    interchanges: list[Interchange] = []
    for event in framer.feed(data) + framer.close():
        if isinstance(event, TransactionRead):
            event.group.transactions.append(event.transaction)
        elif isinstance(event, GroupOpened):
            event.interchange.groups.append(event.group)
        elif isinstance(event, InterchangeOpened):
            interchanges.append(event.interchange)
    return interchanges


class Framer:
    """Splits a stream of bytes into interchanges, functional groups and transaction sets."""

    def __init__(self) -> None:
        self._pending: list[str] = []
        """Text that was fed and not read yet, in pieces."""
        self._pending_characters = 0
        self._offset = 0
        """Of the pending text in the file."""
        self._stopped = False
        self._events: list[Event] = []
        self._position = 0
        """Of the last segment in the interchange."""
        self._joint = ""
        """The segment terminator, and the line break that followed it after the ISA."""
        self._step_until = 0
        """Offset in the file before which no transaction set can be taken in one go: it has been tried."""
        self._strayed = False
        """The last segment had no place; its neighbours that have none either are not told again."""
        self._seen_interchange = False
        self._interchange: Interchange | None = None
        self._interchange_numbers: set[str] = set()
        self._group: FunctionalGroup | None = None
        self._group_numbers: set[str] = set()
        self._transaction: TransactionSet | None = None
        self._transaction_numbers: set[str] = set()

    def feed(self, data: bytes) -> list[Event]:
        """Take the next bytes of the file and give the events that they complete, in order."""
        if self._stopped:
            return []
        chunk = data.decode("latin-1")
        self._pending.append(chunk)
        self._pending_characters += len(chunk)
        if self._is_ripe(chunk):
            self._advance(at_end=False)
        return self._take_events()

    def close(self) -> list[Event]:
        """Tell that the file has ended and give the last events. Nothing may be fed after this."""
        if not self._stopped:
            self._advance(at_end=True)
        if not self._stopped and not self._seen_interchange:
            self._open_interchange(Interchange(header=[], delimiters=STANDARD, offset=self._offset))
        self._leave_interchange(InterchangeNote.PREMATURE_END)
        self._stopped = True
        return self._take_events()

    def _is_ripe(self, chunk: str) -> bool:
        """Whether ``chunk`` can complete anything; to look at all of an unfinished segment each time is quadratic."""
        if self._interchange is None:
            return self._pending_characters >= ISA_CHARACTERS
        unfinished = self._interchange.delimiters.segment not in chunk
        return not unfinished or self._pending_characters > limits.SEGMENT_CHARACTERS_MAX

    def _take_events(self) -> list[Event]:
        events, self._events = self._events, []
        return events

    def _advance(self, *, at_end: bool) -> None:
        """Read as far as whole segments go, and keep the rest."""
        text = "".join(self._pending)
        base, start, before = self._offset, 0, -1
        while start != before and start < len(text) and not self._stopped:
            before = start
            if self._interchange is None:
                start = self._read_header(text, start, base, at_end=at_end)
            else:
                start = self._read_segments(text, start, base, self._interchange, at_end=at_end)
        self._pending = [text[start:]]
        self._pending_characters = len(text) - start
        self._offset = base + start

    def _read_header(self, text: str, start: int, base: int, *, at_end: bool) -> int:
        """Skip padding and read one ISA; gives where the segments after it begin, or where more text is needed."""
        begin = start
        if base + start == 0 and text.startswith(_BYTE_ORDER_MARK):
            begin = len(_BYTE_ORDER_MARK)
        while begin < len(text) and text[begin] in _PADDING:
            begin += 1
        rest = min(len(text) - begin, ISA_CHARACTERS)
        if rest == 0 or (rest < ISA_CHARACTERS and not at_end):
            return begin
        interchange = Interchange(header=[], delimiters=STANDARD, offset=base + begin)
        self._open_interchange(interchange)
        if not text.startswith("ISA", begin):
            self._stop(InterchangeNote.CONTROL_STRUCTURE)
            return begin
        header = read_header(text[begin : begin + rest], base + begin)
        interchange.header, interchange.delimiters = header.elements, header.delimiters
        interchange.findings = header.findings
        self._joint = line_joint(text, begin + rest, interchange.delimiters.segment)
        if not header.readable:
            self._stop(None)
        elif interchange.control_number in self._interchange_numbers:
            self._note(InterchangeNote.DUPLICATE_CONTROL_NUMBER, header.elements, interchange.offset)
        self._interchange_numbers.add(interchange.control_number)
        return begin + rest

    def _read_segments(self, text: str, start: int, base: int, interchange: Interchange, *, at_end: bool) -> int:
        """Read whole segments until the interchange or the text ends; gives where the next one begins."""
        terminator, separator = interchange.delimiters.segment, interchange.delimiters.element
        end = text.find(terminator, start)
        while end >= 0 and end - start <= limits.SEGMENT_CHARACTERS_MAX:
            raw = text[start:end].lstrip(_BREAKS)
            offset = base + end - len(raw)
            if raw.startswith("ST") and offset >= self._step_until and self._group and not self._transaction:
                taken_to = self._read_transaction(text, end - len(raw), offset, interchange)
                if taken_to:
                    start = taken_to + 1
                    end = text.find(terminator, start)
                    continue
            segment = raw.split(separator)
            if segment[0] == "ISA":
                self._leave_interchange(InterchangeNote.PREMATURE_END)
                return end - len(raw)
            if raw:
                self._position += 1
                self._take(segment, raw, offset)
            start = end + 1
            if self._interchange is not interchange:
                return start
            end = text.find(terminator, start)
        if (end if end >= 0 else len(text)) - start > limits.SEGMENT_CHARACTERS_MAX:
            self._stop(InterchangeNote.SEGMENT_TERMINATOR)
        elif at_end and self._is_trailer(raw := text[start:].strip(_PADDING), interchange):
            self._position += 1
            self._take(raw.split(separator), raw, base + start)
            return len(text)
        return start

    def _read_transaction(self, text: str, start: int, offset: int, interchange: Interchange) -> int:
        """Take ST to SE in one go when nothing in it is unusual; gives where it ended, 0 when it was not taken.

        The same as segment by segment, and faster: most transaction sets are short and wholly in the text.
        """
        terminator, separator = interchange.delimiters.segment, interchange.delimiters.element
        horizon = min(start + limits.WHOLE_TRANSACTION_CHARACTERS_MAX, len(text))
        trailer = text.find(f"{self._joint}SE{separator}", start, horizon)
        end = text.find(terminator, trailer + len(self._joint), horizon) if trailer >= 0 else -1
        self._step_until = offset + (end if end >= 0 else horizon) - start
        if end < 0:
            return 0
        raw = text[start:end].split(self._joint)
        segments = [each.split(separator) for each in raw]
        inner = {segment[0] for segment in segments[1:-1]}
        if not inner.isdisjoint(_ENVELOPE_IDENTIFIERS) or min(inner, default="ST") < "0" or segments[0][0] != "ST":
            return 0
        if len(self._joint) > 1 and text.count(terminator, start, end) != len(raw) - 1:
            return 0
        self._position += 1
        transaction = TransactionSet(segments, raw, self._position, offset, stride=len(self._joint))
        self._open_transaction(transaction, interchange.delimiters.component)
        self._position += len(raw) - 1
        self._end_transaction()
        return end

    def _is_trailer(self, raw: str, interchange: Interchange) -> bool:
        """Whether the file ends with a whole IEA that lacks nothing but its terminator."""
        elements = raw.split(interchange.delimiters.element)
        return elements[0] == "IEA" and element_of(elements, 2) == interchange.control_number

    def _take(self, segment: Segment, raw: str, offset: int) -> None:
        """Give a segment to the innermost open envelope."""
        handler = _HANDLERS.get(segment[0])
        if handler is not None:
            handler(self, segment, raw, offset)
        elif self._transaction is not None:
            self._add(self._transaction, segment, raw, offset)
        elif segment[0] == "TA1" and self._interchange is not None and self._group is None:
            self._interchange.acknowledgments.append(segment)
        else:
            self._stray(segment, offset)

    def _add(self, transaction: TransactionSet, segment: Segment, raw: str, offset: int) -> None:
        transaction.segments.append(segment)
        transaction.raw.append(raw)
        transaction.offsets.append(offset)
        if len(transaction.raw) > limits.SEGMENTS_PER_TRANSACTION_MAX:
            self._stop(InterchangeNote.CONTENT)

    def _open_interchange(self, interchange: Interchange) -> None:
        self._interchange = interchange
        self._seen_interchange = True
        self._position = 1
        self._strayed = False
        self._group_numbers.clear()
        self._events.append(InterchangeOpened(interchange))

    def _take_group_header(self, segment: Segment, _raw: str, offset: int) -> None:
        interchange = self._interchange
        if interchange is None:
            return
        self._leave_group()
        group = FunctionalGroup(segment, self._position, [], [], offset)
        place = Place(self._position, offset)
        group.findings = judge_group_header(segment, place, interchange.delimiters.component)
        number = group.control_number
        if number in self._group_numbers:
            group.findings.append(
                _unspecific(Level.GROUP, GroupError.CONTROL_NUMBER_NOT_UNIQUE, segment, group.position, offset)
            )
        self._group_numbers.add(number)
        self._transaction_numbers.clear()
        self._group = group
        self._strayed = False
        interchange.group_count += 1
        self._events.append(GroupOpened(group, interchange))

    def _take_transaction_header(self, segment: Segment, raw: str, offset: int) -> None:
        if self._group is None or self._interchange is None:
            self._stray(segment, offset)
            return
        self._leave_transaction()
        transaction = TransactionSet([segment], [raw], self._position, offset, offsets=[offset])
        self._open_transaction(transaction, self._interchange.delimiters.component)

    def _open_transaction(self, transaction: TransactionSet, component_separator: str) -> None:
        header = transaction.segments[0]
        findings = judge_transaction_header(header, transaction.offset, component_separator)
        number = transaction.control_number
        if number in self._transaction_numbers:
            code = TransactionError.CONTROL_NUMBER_NOT_UNIQUE
            findings.append(_unspecific(Level.TRANSACTION, code, header, 1, transaction.offset))
        transaction.findings = findings
        self._transaction_numbers.add(number)
        self._transaction = transaction
        self._strayed = False
        if self._group is not None:
            self._group.transaction_count += 1

    def _take_transaction_trailer(self, segment: Segment, raw: str, offset: int) -> None:
        if self._transaction is None:
            self._stray(segment, offset)
            return
        self._add(self._transaction, segment, raw, offset)
        self._end_transaction()

    def _end_transaction(self) -> None:
        """The open transaction set has its SE."""
        if self._transaction is not None:
            self._transaction.findings.extend(judge_transaction_trailer(self._transaction))
            self._close_transaction(self._transaction)

    def _take_group_trailer(self, segment: Segment, _raw: str, offset: int) -> None:
        group = self._group
        if group is None:
            self._stray(segment, offset)
            return
        self._leave_transaction()
        group.declared_count = number_in(element_of(segment, 1))
        group.findings.extend(judge_group_trailer(segment, group, Place(self._position, offset)))
        self._close_group(group)

    def _take_interchange_trailer(self, segment: Segment, _raw: str, offset: int) -> None:
        interchange = self._interchange
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
        transaction = self._transaction
        if transaction is not None:
            code, length = TransactionError.TRAILER_MISSING, len(transaction.segments)
            transaction.findings.append(
                _unspecific(Level.TRANSACTION, code, ["SE"], length, transaction.offset_of(length - 1))
            )
            self._close_transaction(transaction)

    def _leave_group(self) -> None:
        """The open functional group has no GE."""
        group = self._group
        if group is not None:
            self._leave_transaction()
            group.findings.append(
                _unspecific(Level.GROUP, GroupError.TRAILER_MISSING, ["GE"], self._position, group.offset)
            )
            self._close_group(group)

    def _leave_interchange(self, note: InterchangeNote | None) -> None:
        """The open interchange has no IEA; ``note`` says so, unless another finding has said why already."""
        self._leave_group()
        if self._interchange is not None:
            interchange = self._interchange
            if note is not None:
                self._note(note, ["IEA"] if interchange.header else [""], interchange.offset)
            self._close_interchange(interchange)

    def _close_transaction(self, transaction: TransactionSet) -> None:
        self._transaction = None
        if self._group is not None and self._interchange is not None:
            self._events.append(TransactionRead(transaction, self._group, self._interchange))

    def _close_group(self, group: FunctionalGroup) -> None:
        self._group = None
        self._strayed = False
        if self._interchange is not None:
            self._events.append(GroupClosed(group, self._interchange))

    def _close_interchange(self, interchange: Interchange) -> None:
        self._interchange = None
        self._events.append(InterchangeClosed(interchange))

    def _stray(self, segment: Segment, offset: int) -> None:
        """A segment that stands where no envelope has a place for it."""
        if not self._strayed:
            self._note(InterchangeNote.CONTROL_STRUCTURE, segment, offset)
        self._strayed = True

    def _note(self, note: InterchangeNote, segment: Segment, offset: int) -> None:
        interchange = self._interchange
        if interchange is not None and len(interchange.findings) < limits.FINDINGS_PER_ENVELOPE_MAX:
            interchange.findings.append(_unspecific(Level.INTERCHANGE, note, segment, self._position, offset))

    def _stop(self, note: InterchangeNote | None) -> None:
        """Read no further: the rest cannot be split with certainty, or a limit is passed."""
        if note is not None and self._interchange is not None:
            self._note(note, [""], self._interchange.offset)
        self._leave_interchange(None)
        self._stopped = True


def _unspecific(level: Level, code: Code, segment: Segment, position: int, offset: int) -> Finding:
    """A finding on a segment as a whole. An identifier that is none is not repeated: it may be anybody's data."""
    identifier = segment[0] if len(segment[0]) <= _IDENTIFIER_CHARACTERS_MAX else ""
    return Finding(level, code, segment_id=identifier, segment=position, offset=offset)


_IDENTIFIER_CHARACTERS_MAX = 3

_HANDLERS: dict[str, Callable[[Framer, Segment, str, int], None]] = {
    "GS": Framer._take_group_header,
    "ST": Framer._take_transaction_header,
    "SE": Framer._take_transaction_trailer,
    "GE": Framer._take_group_trailer,
    "IEA": Framer._take_interchange_trailer,
}
_ENVELOPE_IDENTIFIERS = frozenset({"ISA", *_HANDLERS})
