"""Interchange and group envelopes: who writes to whom, when, under which control numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

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
    segments = [_isa(header), *loose_segments]
    for number, group in enumerate(groups, start=header.control_number):
        _append_group(segments, group, header, str(number))
    segments.append(segment("IEA", str(len(groups)), f"{header.control_number:09d}"))
    return delimited(segments, delimiters)


def _append_group(segments: list[str], group: Group, header: InterchangeHeader, number: str) -> None:
    segments.append(
        segment(
            "GS",
            group.functional_identifier,
            group.sender,
            group.receiver,
            *clock(header.written_at),
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


def _isa(header: InterchangeHeader) -> str:
    """The ISA segment: fixed widths, so that its delimiters stand at fixed places (X12.5)."""
    day, time = clock(header.written_at)
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
        day[2:],
        time[:4],
        REPETITION,
        "00501",
        f"{header.control_number:09d}",
        "0",
        "T" if header.test else "P",
        COMPONENT,
    )
