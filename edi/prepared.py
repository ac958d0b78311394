"""Answers that are given again: composed once, but for what differs each time."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from string import ascii_uppercase

from edi.envelope import CONTROL_NUMBER_MAX, Group, InterchangeHeader, Stamp, compose_interchange, stamp
from edi.writing import ELEMENT, SEGMENT, clock, delimited

_RUN_CHARACTERS = 40
"""Of one letter, standing for what differs: where a text holds no such run, it is told from all else."""


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
    """A text with places to be filled; joined of pieces, which takes a third of the time of the ``%`` operator."""

    __slots__ = ("_pieces", "_places")

    def __init__(self, text: str, runs: Mapping[str, int]) -> None:
        """``runs``: the texts that stand for a place, with the number of what goes there."""
        self._pieces = re.split(f"({'|'.join(runs)})", text)
        self._places = [(place, runs[piece]) for place, piece in enumerate(self._pieces) if piece in runs]

    def fill(self, *values: str) -> str:
        """The text with these values in the places."""
        pieces = self._pieces.copy()
        for place, number in self._places:
            pieces[place] = values[number]
        return "".join(pieces)


@dataclass(frozen=True, slots=True)
class PreparedAnswer:
    """One transaction set in an interchange of its own, made by `prepare`."""

    _segments: Template = field(repr=False)
    """ST to before SE, composed."""
    _interchange: Template = field(repr=False)
    """ISA to IEA, composed, with one place for these segments."""

    def compose(self, particulars: Particulars) -> str:
        """The composed segments, ST to before SE."""
        moment = ELEMENT.join(clock(particulars.written_at))
        return self._segments.fill(particulars.reference, moment, particulars.trace, particulars.own_trace)

    def write(self, segments: str, written_at: datetime, control_number: int) -> bytes:
        """The bytes of the interchange.

        Args:
            segments: as `compose` gave them.
            written_at: in the payer's own time zone, to the second.
            control_number: of interchange and group; those above the largest begin again at 1.
        """
        told = stamp(written_at, (control_number - 1) % CONTROL_NUMBER_MAX + 1)
        return delimited((self._interchange.fill(segments, *told[:-1], told.group_numbers[0]),))


def prepare(compose: Compose, usual: Sequence[str], header: InterchangeHeader, group: Group) -> PreparedAnswer | None:
    """Prepare an answer; None where the places cannot be told from the text.

    Args:
        compose: gives the segments for any particulars.
        usual: what it gave for some.
        header: of the interchange; its moment and control number are of no account.
        group: of the set; its transactions are of no account.
    """
    text = SEGMENT.join(usual)
    runs = [run for letter in ascii_uppercase if (run := letter * _RUN_CHARACTERS) not in text]
    if len(runs) < len(ascii_uppercase) // 2:
        return None
    segments = _compose_with_places(compose, runs, header.written_at)
    if segments is None:
        return None
    return PreparedAnswer(segments, _envelope_with_places(header, group, text, runs))


def _compose_with_places(compose: Compose, runs: Sequence[str], written_at: datetime) -> Template | None:
    """The segments as `PreparedAnswer` fills them; None where BHT03 to BHT05 are not where they should be."""
    reference, moment, trace, own_trace = runs[:4]
    text = SEGMENT.join(compose(Particulars(reference, trace, own_trace, written_at)))
    opening = ELEMENT.join((reference, *clock(written_at)))
    if text.count(reference) != 1 or opening not in text:
        return None
    text = text.replace(opening, reference + ELEMENT + moment)
    return Template(text, {reference: 0, moment: 1, trace: 2, own_trace: 3})


def _envelope_with_places(header: InterchangeHeader, group: Group, text: str, runs: Sequence[str]) -> Template:
    """The interchange as `PreparedAnswer` fills it."""
    segments, day, time, short_day, short_time, number, group_number = places = runs[:7]
    stamped = Stamp(day, time, short_day, short_time, number, (group_number,))
    around = Group(group.functional_identifier, group.sender, group.receiver, group.guide, ((text,),))
    composed = SEGMENT.join(compose_interchange(header, (around,), stamped))
    return Template(composed.replace(text, segments), {run: place for place, run in enumerate(places)})
