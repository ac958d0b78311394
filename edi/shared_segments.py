"""Segments that several transaction sets have alike."""

from functools import lru_cache

from edi.eligibility import DateRange, Party
from edi.texts import mark
from edi.writing import day, segment


def write_party(party: Party) -> str:
    """The NM1 of a payer or provider."""
    return segment(
        "NM1",
        party.entity_code,
        party.entity_type,
        mark(party.name),
        mark(party.first_name),
        mark(party.middle_name),
        "",
        mark(party.suffix),
        party.identifier_qualifier,
        mark(party.identifier),
    )


@lru_cache(maxsize=65_536)
def write_dates(qualifier: str, period: DateRange) -> str:
    """A DTP: D8 for a day, RD8 for a range."""
    if period.is_single:
        return segment("DTP", qualifier, "D8", day(period.first))
    return segment("DTP", qualifier, "RD8", f"{day(period.first)}-{day(period.last)}")
