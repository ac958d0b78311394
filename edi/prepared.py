"""Answers that are given again: composed once, but for what differs each time."""

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


@dataclass(frozen=True, slots=True)
class PreparedAnswer:
    """One transaction set in an interchange of its own, made by `prepare`.

    Both texts have places for what differs, in the notation of the ``%`` operator.
    """

    _segments: str = field(repr=False)
    """ST to before SE."""
    _interchange: str = field(repr=False)
    """ISA to IEA, with one place for these segments."""

    def compose(self, particulars: Particulars) -> str:
        """The composed segments, ST to before SE."""
        day, time = clock(particulars.written_at)
        return self._segments % {
            "reference": particulars.reference,
            "trace": particulars.trace,
            "own_trace": particulars.own_trace,
            "day": day,
            "time": time,
        }

    def write(self, segments: str, written_at: datetime, control_number: int) -> bytes:
        """The bytes of the interchange.

        Args:
            segments: as `compose` gave them.
            written_at: in the payer's own time zone, to the second.
            control_number: of interchange and group; those above the largest begin again at 1.
        """
        stamped = stamp(written_at, (control_number - 1) % CONTROL_NUMBER_MAX + 1)
        return delimited(
            (
                self._interchange
                % {
                    "segments": segments,
                    "day": stamped.day,
                    "time": stamped.time,
                    "short_day": stamped.short_day,
                    "short_time": stamped.short_time,
                    "number": stamped.number,
                    "group_number": stamped.group_numbers[0],
                },
            )
        )


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


def _compose_with_places(compose: Compose, runs: Sequence[str], written_at: datetime) -> str | None:
    """The composed segments with places; None where BHT03 to BHT05 are not where they should be."""
    reference, trace, own_trace = runs[:3]
    text = SEGMENT.join(compose(Particulars(reference, trace, own_trace, written_at)))
    opening = ELEMENT.join((reference, *clock(written_at)))
    if text.count(reference) != 1 or opening not in text:
        return None
    text = text.replace("%", "%%")
    text = text.replace(opening, ELEMENT.join(("%(reference)s", "%(day)s", "%(time)s")))
    return _put_places(text, {trace: "trace", own_trace: "own_trace"})


def _envelope_with_places(header: InterchangeHeader, group: Group, text: str, runs: Sequence[str]) -> str:
    """The composed interchange with places, one of them for the segments."""
    day, time, short_day, short_time, number, group_number = runs[:6]
    stamped = Stamp(day, time, short_day, short_time, number, (group_number,))
    around = Group(group.functional_identifier, group.sender, group.receiver, group.guide, ((text,),))
    composed = SEGMENT.join(compose_interchange(header, (around,), stamped))
    before, _, after = composed.partition(text)
    places = dict(zip(runs, ("day", "time", "short_day", "short_time", "number", "group_number"), strict=False))
    return "%(segments)s".join(_put_places(part.replace("%", "%%"), places) for part in (before, after))


def _put_places(text: str, places: Mapping[str, str]) -> str:
    """Text in which each run has become the place of a name."""
    for run, name in places.items():
        text = text.replace(run, f"%({name})s")
    return text
