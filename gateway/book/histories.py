"""Coverage histories: when a family was covered and how that stands today. All dates are relative to today."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from rules.facts import Standing


@dataclass(frozen=True, slots=True)
class Span:
    """A time of coverage without a gap or a change of plan; the end is the last day covered."""

    begin: date
    end: date | None = None
    standing: Standing = Standing.NORMAL


History = tuple[Span, ...]


def month_begin(today: date, months: int) -> date:
    """The first day of the month that lies so many months ahead (behind, when negative)."""
    index = today.year * 12 + today.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)


def month_end(today: date, months: int) -> date:
    """The last day of the month that lies so many months ahead."""
    return month_begin(today, months + 1) - timedelta(days=1)


def continuous(today: date, random: Random) -> History:
    """Covered for years and still."""
    return (Span(date(today.year - random.randint(1, 9), 1, 1)),)


def _changed_plan(today: date, random: Random) -> History:
    return (
        Span(date(today.year - random.randint(2, 6), 1, 1), date(today.year - 1, 12, 31)),
        Span(date(today.year, 1, 1)),
    )


def _joined_lately(today: date, random: Random) -> History:
    return (Span(month_begin(today, -random.randint(0, 10))),)


def _terminated(today: date, random: Random) -> History:
    return (Span(date(today.year - random.randint(3, 7), 1, 1), month_end(today, -random.randint(1, 14))),)


def _reinstated(today: date, random: Random) -> History:
    gap_ends = random.randint(1, 5)
    gap = random.randint(1, 4)
    return (
        Span(date(today.year - random.randint(3, 7), 1, 1), month_end(today, -gap_ends - gap)),
        Span(month_begin(today, -gap_ends + 1)),
    )


def _in_the_future(today: date, random: Random) -> History:
    return (Span(month_begin(today, random.randint(1, 3))),)


def _about_to_end(today: date, random: Random) -> History:
    return (Span(date(today.year - random.randint(1, 5), 1, 1), month_end(today, random.randint(0, 2))),)


def _held_up(today: date, random: Random) -> History:
    standing = random.choice((Standing.PENDING, Standing.PENDING_UPDATE, Standing.UNDER_INVESTIGATION))
    return (Span(date(today.year - random.randint(1, 4), 1, 1), None, standing),)


_HISTORIES: tuple[tuple[Callable[[date, Random], History], int], ...] = (
    (continuous, 60),
    (_changed_plan, 14),
    (_joined_lately, 9),
    (_terminated, 7),
    (_reinstated, 3),
    (_in_the_future, 3),
    (_about_to_end, 2),
    (_held_up, 2),
)
"""Each history and how many of a hundred families have it."""


def history(today: date, random: Random) -> History:
    """A family's history, the earliest span first."""
    tellers, weights = zip(*_HISTORIES, strict=True)
    teller: Callable[[date, Random], History] = random.choices(tellers, weights)[0]
    return teller(today, random)


def since(spans: History, first: date) -> History:
    """What of a history is left for somebody who joins the family on a day."""
    return tuple(
        Span(max(span.begin, first), span.end, span.standing) for span in spans if span.end is None or span.end >= first
    )


def until(spans: History, last: date) -> History:
    """What of a history is left for somebody who leaves the family on a day."""
    return tuple(
        Span(span.begin, last if span.end is None else min(span.end, last), span.standing)
        for span in spans
        if span.begin <= last
    )
