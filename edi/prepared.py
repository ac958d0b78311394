"""Answers that are given again: composed once, but for what differs each time."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from itertools import islice
from operator import itemgetter
from string import ascii_uppercase
from typing import NamedTuple

from edi.delimiters import STANDARD
from edi.envelope import (
    CONTROL_NUMBER_MAX,
    Group,
    InterchangeHeader,
    Stamp,
    compose_interchange,
    interchange_number,
    stamp,
)
from edi.writing import ELEMENT, SEGMENT, clock, delimited

_RUN_CHARACTERS = 40
"""Of one letter, standing for what differs: where a text holds no such run, it is told from all else."""
_SET_PLACES = 4
"""Reference, moment and two traces."""
_ENVELOPE_PLACES = 6
"""Those of a `Stamp`."""


@dataclass(slots=True)
class Particulars:
    """What differs each time an answer is given. Identifiers are as they are told: letters, digits and ``-._``."""

    reference: str
    """BHT03."""
    trace: str
    """TRN02 of the asker's first trace; empty where there is none."""
    own_trace: str
    """TRN02 of ours; empty where none is given."""
    written_at: datetime
    """In the payer's own time zone, to the second."""


Compose = Callable[[Particulars], Sequence[str]]
"""Composes the segments of an answer, ST to before SE."""


class Template:
    """Bytes with places to be filled. One object, because to gather many small ones costs more than to fill them."""

    __slots__ = ("_text", "_values")

    def __init__(self, text: str, runs: Sequence[str]) -> None:
        """``runs``: the texts that stand for a place; the first for the first value, and so on. Two places at least."""
        pieces, numbers, end = [], [], 0
        for begin, number in sorted((at, number) for number, run in enumerate(runs) for at in _occurrences(text, run)):
            pieces.append(text[end:begin])
            numbers.append(number)
            end = begin + _RUN_CHARACTERS
        pieces.append(text[end:])
        self._text = b"%b".join([piece.encode("utf-8", "replace").replace(b"%", b"%%") for piece in pieces])
        self._values = itemgetter(*numbers)

    def fill(self, *values: bytes) -> bytes:
        """The text with these values in the places."""
        filled: bytes = self._text % self._values(values)
        return filled


def _occurrences(text: str, run: str) -> Iterator[int]:
    """Where a run begins; by this way, because an expression that looks for all runs takes five times as long."""
    at = text.find(run)
    while at >= 0:
        yield at
        at = text.find(run, at + _RUN_CHARACTERS)


@dataclass(frozen=True, slots=True)
class PreparedAnswer:
    """One transaction set in an interchange of its own, made by `prepare`."""

    _segments: Template = field(repr=False)
    """ST to before SE, composed."""
    _interchange: Template = field(repr=False)
    """ISA to IEA, with delimiters."""

    def compose(self, particulars: Particulars) -> bytes:
        """The composed segments, ST to before SE."""
        moment = _told(particulars.written_at).composed
        return self._segments.fill(
            particulars.reference.encode(), moment, particulars.trace.encode(), particulars.own_trace.encode()
        )

    def write(self, particulars: Particulars, control_number: int) -> bytes:
        """The bytes of the interchange.

        Args:
            particulars: of the set in it.
            control_number: of interchange and group; those above the largest begin again at 1.
        """
        number = (control_number - 1) % CONTROL_NUMBER_MAX + 1
        moment = _told(particulars.written_at)
        return self._interchange.fill(
            particulars.reference.encode(),
            moment.delimited,
            particulars.trace.encode(),
            particulars.own_trace.encode(),
            *moment.envelope,
            interchange_number(number).encode(),
            b"%d" % number,
        )


class _Told(NamedTuple):
    """A moment as an answer tells it."""

    composed: bytes
    """BHT04 and BHT05, composed."""
    delimited: bytes
    """The same with the delimiter."""
    envelope: Sequence[bytes]
    """GS04, GS05, ISA09 and ISA10."""


@lru_cache(maxsize=256)
def _told(written_at: datetime) -> _Told:
    stamped = stamp(written_at, 1)
    day, time, envelope = stamped.day, stamped.time, stamped[:4]
    composed, with_delimiter = (separator.join((day, time)) for separator in (ELEMENT, STANDARD.element))
    return _Told(composed.encode(), with_delimiter.encode(), [each.encode() for each in envelope])


def prepare(compose: Compose, usual: Sequence[str], header: InterchangeHeader, group: Group) -> PreparedAnswer | None:
    """Prepare an answer; None where the places cannot be told from the text.

    Args:
        compose: gives the segments for any particulars.
        usual: what it gave for some.
        header: of the interchange; its moment and control number are of no account.
        group: of the set; its transactions are of no account.
    """
    text = SEGMENT.join(usual)
    free = (run for letter in ascii_uppercase if (run := letter * _RUN_CHARACTERS) not in text)
    set_runs, envelope_runs = list(islice(free, _SET_PLACES)), list(islice(free, _ENVELOPE_PLACES))
    if len(envelope_runs) < _ENVELOPE_PLACES:
        return None
    segments = _segments_with_places(compose, set_runs, header.written_at)
    if segments is None:
        return None
    interchange = _interchange_with_places(header, group, segments, envelope_runs)
    return PreparedAnswer(Template(segments, set_runs), Template(interchange, set_runs + envelope_runs))


def _segments_with_places(compose: Compose, runs: Sequence[str], written_at: datetime) -> str | None:
    """The composed segments with runs in the places; None where BHT03 to BHT05 are not where they should be."""
    reference, moment, trace, own_trace = runs
    text = SEGMENT.join(compose(Particulars(reference, trace, own_trace, written_at)))
    opening = ELEMENT.join((reference, *clock(written_at)))
    if text.count(reference) != 1 or opening not in text:
        return None
    return text.replace(opening, reference + ELEMENT + moment)


def _interchange_with_places(header: InterchangeHeader, group: Group, segments: str, runs: Sequence[str]) -> str:
    """The interchange around these segments, with delimiters and with runs in the places of the stamp."""
    day, time, short_day, short_time, number, group_number = runs
    stamped = Stamp(day, time, short_day, short_time, number, (group_number,))
    around = Group(group.functional_identifier, group.sender, group.receiver, group.guide, ((segments,),))
    return delimited(compose_interchange(header, (around,), stamped)).decode()
