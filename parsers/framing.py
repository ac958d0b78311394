"""Interchange framing: bytes in, envelopes out, without I/O (X12.5, X12.6).

``Framer`` is fed bytes as they come and gives events; it holds no more than the transaction set that is being read.
``read`` frames a whole file with it, so whole or split anywhere gives the same. Nothing here raises on what a partner
sent: every misfit is a finding on the interchange, functional group or transaction set that it belongs to, and where
the envelopes cannot be told apart any more, reading stops and says so.
"""

import sys

from edi.acknowledgment_codes import InterchangeNote
from edi.delimiters import STANDARD
from parsers import limits
from parsers.events import Event, GroupClosed, GroupOpened, InterchangeClosed, InterchangeOpened, TransactionRead
from parsers.frames import Interchange, element_of
from parsers.interchange_header import ISA_CHARACTERS, read_header
from parsers.open_envelopes import ENVELOPE_IDENTIFIERS, OpenEnvelopes
from parsers.whole_interchange import line_joint, read_whole_interchange

__all__ = [
    "Event",
    "Framer",
    "GroupClosed",
    "GroupOpened",
    "InterchangeClosed",
    "InterchangeOpened",
    "TransactionRead",
    "read",
]

_BREAKS = "\r\n\t "
"""White space that may stand before a segment identifier."""
_PADDING = _BREAKS + "\0\x1a"
"""What may stand around interchanges besides: fill and the end-of-file mark of old systems."""
_RUN_SEGMENTS_MIN = 8
"""Fewer are not worth taking in one go."""
_BYTE_ORDER_MARK = "\xef\xbb\xbf"


def read(data: bytes, envelopes_max: int = sys.maxsize) -> list[Interchange]:
    """Frame a whole file.

    Args:
        data: a file as received; any bytes.
        envelopes_max: functional groups and transaction sets together that are read; what has more is not read on.

    Returns:
        Its interchanges with their groups and transaction sets, each with its findings. At least one: an empty file
        is an interchange that ended too early.
    """
    whole = read_whole_interchange(data.decode("latin-1"))
    if whole is not None:
        return [whole]
    framer = Framer(envelopes_max)
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

    def __init__(self, envelopes_max: int = sys.maxsize) -> None:
        """Begin a file; ``envelopes_max`` functional groups and transaction sets together are read of it."""
        self._pending: list[str] = []
        """Text that was fed and not read yet, in pieces."""
        self._pending_characters = 0
        self._offset = 0
        """Of the pending text in the file."""
        self._envelopes = OpenEnvelopes(envelopes_max)
        self._joint = ""
        """The segment terminator, and the line break that followed it after the ISA."""
        self._step_until = 0
        """Offset in the file before which nothing can be taken in one go: it has been tried."""

    def feed(self, data: bytes) -> list[Event]:
        """Take the next bytes of the file and give the events that they complete, in order."""
        if self._envelopes.stopped:
            return []
        chunk = data.decode("latin-1")
        self._pending.append(chunk)
        self._pending_characters += len(chunk)
        if self._is_ripe(chunk):
            self._advance(at_end=False)
        return self._take_events()

    def close(self) -> list[Event]:
        """Tell that the file has ended and give the last events. Nothing may be fed after this."""
        if not self._envelopes.stopped:
            self._advance(at_end=True)
        if not self._envelopes.has_opened:
            self._envelopes.open_interchange(Interchange(header=[], delimiters=STANDARD, offset=self._offset))
        self._envelopes.leave_interchange(InterchangeNote.PREMATURE_END)
        self._envelopes.stopped = True
        return self._take_events()

    @property
    def unfinished(self) -> TransactionRead | None:
        """The transaction set that is being read, as far as it has been; None between two."""
        envelopes = self._envelopes
        if envelopes.transaction is None or envelopes.group is None or envelopes.interchange is None:
            return None
        return TransactionRead(envelopes.transaction, envelopes.group, envelopes.interchange)

    def _is_ripe(self, chunk: str) -> bool:
        """Whether ``chunk`` can complete anything; to look at all of an unfinished segment each time is quadratic."""
        if self._envelopes.interchange is None:
            return self._pending_characters >= ISA_CHARACTERS
        unfinished = self._envelopes.interchange.delimiters.segment not in chunk
        return not unfinished or self._pending_characters > limits.SEGMENT_CHARACTERS_MAX

    def _take_events(self) -> list[Event]:
        events, self._envelopes.events = self._envelopes.events, []
        return events

    def _advance(self, *, at_end: bool) -> None:
        """Read as far as whole segments go, and keep the rest."""
        text = "".join(self._pending)
        base, start, before = self._offset, 0, -1
        while start != before and start < len(text) and not self._envelopes.stopped:
            before = start
            if self._envelopes.interchange is None:
                start = self._read_header(text, start, base, at_end=at_end)
            else:
                start = self._read_segments(text, start, base, self._envelopes.interchange, at_end=at_end)
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
        if not text.startswith("ISA", begin):
            self._envelopes.open_interchange(Interchange([], STANDARD, offset=base + begin))
            self._envelopes.stop(InterchangeNote.CONTROL_STRUCTURE)
            return begin
        elements, delimiters, findings, readable = read_header(text[begin : begin + rest], base + begin)
        self._envelopes.open_interchange(Interchange(elements, delimiters, [], findings, base + begin))
        self._joint = line_joint(text, begin + rest, delimiters.segment)
        if readable:
            self._envelopes.check_interchange_number()
        else:
            self._envelopes.stop(None)
        return begin + rest

    def _read_segments(self, text: str, start: int, base: int, interchange: Interchange, *, at_end: bool) -> int:
        """Read whole segments until the interchange or the text ends; gives where the next one begins."""
        envelopes = self._envelopes
        terminator, separator = interchange.delimiters.segment, interchange.delimiters.element
        end = text.find(terminator, start)
        while end >= 0 and end - start <= limits.SEGMENT_CHARACTERS_MAX:
            raw = text[start:end].lstrip(_BREAKS)
            if not raw:
                start = end + 1
                end = text.find(terminator, start)
                continue
            offset = base + end - len(raw)
            if envelopes.transaction and offset >= self._step_until:
                taken_to = self._read_run(text, end - len(raw), offset, interchange)
                if taken_to:
                    start = taken_to + 1
                    end = text.find(terminator, start)
                    continue
            if raw.startswith("ST") and offset >= self._step_until and envelopes.group and not envelopes.transaction:
                taken_to = self._read_transaction(text, end - len(raw), offset, interchange)
                if taken_to:
                    start = taken_to + 1
                    end = text.find(terminator, start)
                    continue
            segment = raw.split(separator)
            if segment[0] == "ISA":
                envelopes.leave_interchange(InterchangeNote.PREMATURE_END)
                return end - len(raw)
            envelopes.take(segment, raw, offset)
            start = end + 1
            if envelopes.interchange is not interchange:
                return start
            end = text.find(terminator, start)
        if (end if end >= 0 else len(text)) - start > limits.SEGMENT_CHARACTERS_MAX:
            envelopes.stop(InterchangeNote.SEGMENT_TERMINATOR)
        elif at_end and self._is_trailer(raw := text[start:].strip(_PADDING), interchange):
            envelopes.take(raw.split(separator), raw, base + start)
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
        if end < 0:
            return 0  # what follows the ST may still be taken as a run
        self._step_until = offset + end - start
        raw = text[start:end].split(self._joint)
        segments = [each.split(separator) for each in raw]
        inner = {segment[0] for segment in segments[1:-1]}
        if not inner.isdisjoint(ENVELOPE_IDENTIFIERS) or min(inner, default="ST") < "0" or segments[0][0] != "ST":
            return 0
        if len(self._joint) > 1 and text.count(terminator, start, end) != len(raw) - 1:
            return 0
        self._envelopes.take_transaction(segments, raw, offset, len(self._joint))
        return end

    def _read_run(self, text: str, start: int, offset: int, interchange: Interchange) -> int:
        """Take many segments inside of the open transaction set in one go; gives where they ended, 0 when it cannot.

        As with a whole transaction set: the same as one by one, and faster.
        """
        terminator, separator = interchange.delimiters.segment, interchange.delimiters.element
        horizon = min(start + limits.WHOLE_TRANSACTION_CHARACTERS_MAX, len(text))
        trailer = text.find(f"{self._joint}SE{separator}", start, horizon)
        end = trailer if trailer >= 0 else text.rfind(self._joint, start, horizon)
        self._step_until = offset + (end if end >= 0 else horizon) - start
        raw = text[start:end].split(self._joint) if end >= 0 else []
        segments = [each.split(separator) for each in raw]
        identifiers = {segment[0] for segment in segments}
        if len(raw) < _RUN_SEGMENTS_MIN or not identifiers.isdisjoint(ENVELOPE_IDENTIFIERS):
            return 0
        if any(identifier[:1] in _BREAKS for identifier in identifiers):
            return 0
        if len(self._joint) > 1 and text.count(terminator, start, end) != len(raw) - 1:
            return 0
        return end if self._envelopes.take_run(segments, raw, offset, len(self._joint)) else 0

    def _is_trailer(self, raw: str, interchange: Interchange) -> bool:
        """Whether the file ends with a whole IEA that lacks nothing but its terminator."""
        elements = raw.split(interchange.delimiters.element)
        return elements[0] == "IEA" and element_of(elements, 2) == interchange.control_number
