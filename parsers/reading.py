"""What the readers of typed inquiries share: levels, periods and days of segments that a guide check has accepted."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal, InvalidOperation
from itertools import pairwise

from edi.claim_status import ClaimPatient
from edi.eligibility import DateRange
from parsers.frames import Segment, element_of

_PROCEDURE_COMPONENTS = 6
"""Of the composite of a procedure: qualifier, code and four modifiers, before the description."""


def levels_of(segments: list[Segment]) -> Iterator[list[Segment]]:
    """The segments of each HL, the HL first; the last of ``segments`` is the SE."""
    starts = [index for index, segment in enumerate(segments) if segment[0] == "HL"]
    for start, end in pairwise([*starts, len(segments) - 1]):
        yield segments[start:end]


def levels_with_next(segments: list[Segment]) -> Iterator[tuple[list[Segment], str]]:
    """The segments of each HL, and of which kind (HL03) the next is; empty after the last.

    What follows says whether a level has children: HL04, which says it too, no guide check holds against that.
    """
    levels = [*levels_of(segments)]
    return zip(levels, [*(level[0][3] for level in levels[1:]), ""], strict=True)


def padded(elements: list[str], length: int) -> list[str]:
    """The same with empty elements up to ``length``, so that each has its place."""
    return elements + [""] * (length - len(elements))


def period_of(text: str) -> DateRange | None:
    """DTP03: D8 a day, RD8 two with a hyphen between them; None where one is no date."""
    first, _, last = text.partition("-")
    begin = day_of(first)
    end = day_of(last) if last else begin
    return None if begin is None or end is None else DateRange(begin, end)


def day_of(text: str) -> date | None:
    """CCYYMMDD as a date; None where it is none."""
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:8]))
    except ValueError:
        return None


def number_of(text: str) -> Decimal:
    """X12 type R; zero for one without a digit, a lone minus sign, which the type's pattern lets pass."""
    try:
        return Decimal(text)
    except InvalidOperation:
        return Decimal(0)


def procedure_of(composite: str, component: str) -> str:
    """The composite of a procedure (C003) without its description, ``HC:99213:25``; empty where it is."""
    return ":".join(composite.split(component)[:_PROCEDURE_COMPONENTS]).rstrip(":")


def claim_patient(name: Segment, demographics: Segment) -> ClaimPatient:
    """A patient of a claim, from NM1 and DMG, each empty where there is none; names in upper case, as all we send."""
    name, birth_date_sent = padded(name, 10), element_of(demographics, 2)
    return ClaimPatient(
        name[3].upper(),
        name[4].upper(),
        name[5].upper(),
        name[7].upper(),
        name[9].upper(),
        name[8] or "MI",
        day_of(birth_date_sent),
        birth_date_sent,
        element_of(demographics, 3),
        name[2],
    )
