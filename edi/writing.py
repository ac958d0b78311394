"""Writing X12: segments are composed with separators that no element can hold, delimiters are put in at the end.

``segment("EB", "1", "", "30")`` joins elements with control characters, which X12.6 keeps out of data, so that an
element that holds a ``*`` or a ``~`` cannot break the structure: the character becomes a space when the text gets its
delimiters.
"""

import re
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

from edi.delimiters import STANDARD, Delimiters

ELEMENT = "\x1d"
COMPONENT = "\x1f"
REPETITION = "\x1e"
SEGMENT = "\x1c"


def segment(*elements: str) -> str:
    """One composed segment, its identifier first; empty elements at the end are left out."""
    return ELEMENT.join(elements).rstrip(ELEMENT)


def composite(*components: str) -> str:
    """One composed element of several components; empty ones at the end are left out."""
    return COMPONENT.join(components).rstrip(COMPONENT)


def repeated(values: Iterable[str]) -> str:
    """One composed element that repeats."""
    return REPETITION.join(values)


@lru_cache(maxsize=4096)
def day(value: date | None) -> str:
    """X12 type DT: CCYYMMDD, empty for none."""
    return "" if value is None else f"{value.year:04}{value.month:02}{value.day:02}"


@lru_cache(maxsize=256)
def clock(value: datetime) -> tuple[str, str]:
    """X12 types DT and TM of a moment in its own time zone: CCYYMMDD and HHMMSS."""
    return f"{value:%Y%m%d}", f"{value:%H%M%S}"


@lru_cache(maxsize=65_536)
def number(value: Decimal) -> str:
    """X12 type R: no exponent, no zeros at the end of a fraction; zero is ``0``."""
    text = f"{value:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("", "-0") else text


def delimited(segments: Iterable[str], delimiters: Delimiters = STANDARD) -> bytes:
    """The bytes of composed segments, each with the terminator; several that are joined by ``SEGMENT`` are several.

    A character of an element that is one of the delimiters, or outside X12's character sets, becomes a space; where
    it ends an element that could be told with the usual delimiters, a full stop.
    """
    text = SEGMENT.join(segments) + SEGMENT
    if delimiters is not STANDARD and delimiters != STANDARD:
        text = _without_marks(text, delimiters)
    return text.encode("ascii", "replace").translate(_table(delimiters))


def _without_marks(text: str, delimiters: Delimiters) -> str:
    """Composed text whose elements do not end with a delimiter, which would leave them with a space at the end.

    The texts that we send hold none of the usual delimiters; of others nobody knows before they are chosen.
    """
    separators = ELEMENT + COMPONENT + REPETITION + SEGMENT
    marks = {delimiters.element, delimiters.component, delimiters.repetition, delimiters.segment}.difference(separators)
    if not marks:
        return text
    return re.sub(f"[{re.escape(''.join(marks))}]+(?=[{separators}])", lambda run: "." * len(run[0]), text)


@lru_cache(maxsize=256)
def _table(delimiters: Delimiters) -> bytes:
    """What becomes of each byte of composed text."""
    table = bytearray(code if 0x20 <= code < 0x7F else 0x20 for code in range(256))
    for mark in (delimiters.element, delimiters.component, delimiters.repetition, delimiters.segment):
        table[ord(mark)] = 0x20
    table[ord(ELEMENT)] = ord(delimiters.element)
    table[ord(COMPONENT)] = ord(delimiters.component)
    table[ord(REPETITION)] = ord(delimiters.repetition)
    table[ord(SEGMENT)] = ord(delimiters.segment)
    return bytes(table)
