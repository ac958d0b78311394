"""Interchange and group envelopes: who writes to whom, when, under which control numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from edi.delimiters import STANDARD, Delimiters
from edi.errors import CallerError
from edi.writing import COMPONENT, ELEMENT, REPETITION, SEGMENT, clock, delimited, segment

CONTROL_NUMBER_MAX = 999_999_999


@dataclass(frozen=True, slots=True)
class Address:
    """One side of an interchange: ISA05/ISA06 or ISA07/ISA08, without padding."""

    qualifier: str
    identifier: str


@dataclass(slots=True)
class InterchangeHeader:
    """What we put into the ISA segment of an interchange that we send."""

    sender: Address
    receiver: Address
    written_at: datetime
    """In the payer's own time zone."""
    control_number: int
    test: bool = False

    def __post_init__(self) -> None:
        if not 1 <= self.control_number <= CONTROL_NUMBER_MAX:
            raise CallerError("an interchange control number has one to nine digits")


@dataclass(slots=True)
class Group:
    """One functional group to send: GS01, GS02, GS03, GS08 and its transaction sets, each from ST to before SE."""

    functional_identifier: str
    sender: str
    receiver: str
    guide: str
    transactions: Sequence[Sequence[str]]
    """Composed segments of each set, without the SE: the ST by itself, then any that may be joined by ``SEGMENT``."""


class Stamp(NamedTuple):
    """What an envelope tells anew each time: moment and control numbers, as they are written."""

    day: str
    """GS04: CCYYMMDD."""
    time: str
    """GS05: HHMMSS."""
    short_day: str
    """ISA09: YYMMDD."""
    short_time: str
    """ISA10: HHMM."""
    number: str
    """ISA13 and IEA02: nine digits."""
    group_numbers: Sequence[str]
    """GS06 and GE02 of each group."""


def interchange_number(control_number: int) -> str:
    """ISA13: nine digits."""
    return f"{control_number:09d}"


def stamp(written_at: datetime, control_number: int, groups: int = 1) -> Stamp:
    """The stamp of an interchange of so many groups, whose numbers count on from the interchange's."""
    day, time = clock(written_at)
    numbers = [str(number) for number in range(control_number, control_number + groups)]
    return Stamp(day, time, day[2:], time[:4], interchange_number(control_number), numbers)


def write_interchange(
    header: InterchangeHeader,
    groups: Sequence[Group],
    delimiters: Delimiters = STANDARD,
    loose_segments: Sequence[str] = (),
) -> bytes:
    """The bytes of one interchange, ISA to IEA.

    ``loose_segments`` stand between the ISA and the first GS (TA1). The groups' control numbers (GS06) count on from
    the interchange's: the caller reserves as many numbers as there are groups.
    """
    stamped = stamp(header.written_at, header.control_number, len(groups))
    return delimited(compose_interchange(header, groups, stamped, loose_segments), delimiters)


def compose_interchange(
    header: InterchangeHeader, groups: Sequence[Group], stamped: Stamp, loose_segments: Sequence[str] = ()
) -> list[str]:
    """The composed segments of one interchange; moment and control numbers are those of the stamp."""
    segments = [_isa(header, stamped), *loose_segments]
    for group, number in zip(groups, stamped.group_numbers, strict=True):
        _append_group(segments, group, stamped, number)
    segments.append(segment("IEA", str(len(groups)), stamped.number))
    return segments


def _append_group(segments: list[str], group: Group, stamped: Stamp, number: str) -> None:
    segments.append(
        segment(
            "GS",
            group.functional_identifier,
            group.sender,
            group.receiver,
            stamped.day,
            stamped.time,
            number,
            "X",
            group.guide,
        )
    )
    for transaction in group.transactions:
        text = SEGMENT.join(transaction)
        segments.append(text)
        segments.append(segment("SE", str(text.count(SEGMENT) + 2), transaction[0].split(ELEMENT, 3)[2]))
    segments.append(segment("GE", str(len(group.transactions)), number))


def _isa(header: InterchangeHeader, stamped: Stamp) -> str:
    """The ISA segment: fixed widths, so that its delimiters stand at fixed places (X12.5)."""
    return segment(
        "ISA",
        "00",
        " " * 10,
        "00",
        " " * 10,
        header.sender.qualifier,
        f"{header.sender.identifier:<15.15}",
        header.receiver.qualifier,
        f"{header.receiver.identifier:<15.15}",
        stamped.short_day,
        stamped.short_time,
        REPETITION,
        "00501",
        stamped.number,
        "0",
        "T" if header.test else "P",
        COMPONENT,
    )
