"""Arithmetic of spans of time: half-open, in order, apart from each other."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """From ``starts`` up to, not including, ``ends``; both in UTC, ``starts`` the earlier."""

    starts: datetime
    ends: datetime

    @property
    def length(self) -> timedelta:
        """How long it lasts."""
        return self.ends - self.starts


def span(starts: datetime, ends: datetime) -> Span:
    """The span between two aware moments of any zone."""
    return Span(starts.astimezone(UTC), ends.astimezone(UTC))


def merge(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The same time in as few spans as possible; empty ones go."""
    merged: list[Span] = []
    for each in sorted(spans):
        if each.ends <= each.starts:
            continue
        if merged and each.starts <= merged[-1].ends:
            merged[-1] = Span(merged[-1].starts, max(merged[-1].ends, each.ends))
        else:
            merged.append(each)
    return tuple(merged)


def clip(spans: Iterable[Span], period: Span) -> tuple[Span, ...]:
    """What of merged spans lies within a period."""
    cut = (Span(max(each.starts, period.starts), min(each.ends, period.ends)) for each in spans)
    return tuple([each for each in cut if each.starts < each.ends])


def subtract(spans: Iterable[Span], removed: Iterable[Span]) -> tuple[Span, ...]:
    """What of merged spans is in none of the removed ones."""
    holes = merge(removed)
    return tuple([piece for each in spans for piece in _pieces(each, holes)])


def _pieces(whole: Span, holes: tuple[Span, ...]) -> Iterator[Span]:
    starts = whole.starts
    for hole in holes:
        if hole.ends <= starts or hole.starts >= whole.ends:
            continue
        if starts < hole.starts:
            yield Span(starts, hole.starts)
        starts = hole.ends
    if starts < whole.ends:
        yield Span(starts, whole.ends)


def total(spans: Iterable[Span]) -> timedelta:
    """How long merged spans last together."""
    return sum((each.length for each in spans), timedelta())
