"""Coverages of a person as spans of days: found, ended, reopened, and kept from overlapping.

A day on which something ends is the last day covered. A coverage that ends before it begins was undone: it was never in
force, and is kept for what has been counted in it.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta

from rules.facts import Coverage

Coverages = tuple[Coverage, ...]
"""Of one person."""

DAY = timedelta(days=1)


def in_force_ever(held: Coverages) -> Coverages:
    """Without those that were undone."""
    return tuple([each for each in held if not is_undone(each)])


def covering(held: Coverages, day: date) -> Coverage | None:
    """The coverage that begins on a day, else the one in force then."""
    real = in_force_ever(held)
    begins = (each for each in real if each.begin == day)
    covers = (each for each in real if each.begin <= day and not (each.end is not None and each.end < day))
    return next(begins, None) or next(covers, None)


def replaced(held: Coverages, former: Coverage, new: Coverage) -> Coverages:
    """The same with one of them, that very one, replaced."""
    return tuple([new if each is former else each for each in held])


def in_order(coverages: Iterable[Coverage]) -> Coverages:
    """By their begin."""
    return tuple(sorted(coverages, key=lambda coverage: (coverage.begin, coverage.plan_id)))


def apart(coverages: Coverages) -> Coverages:
    """Coverages of one plan without a day in two: one that lies in another goes, one that begins later ends it."""
    kept: list[Coverage] = []
    for each in in_order(in_force_ever(coverages)):
        before = kept[-1] if kept else None
        if before is None or not _is_beyond(before, each.begin - DAY):
            kept.append(each)
        elif each.end is not None and not (before.end is not None and before.end < each.end):
            used = replace(before, accumulators=each.accumulators, used_limits=each.used_limits)
            kept[-1] = used if each.accumulators or each.used_limits else before
        else:
            kept[-1:] = [ended(before, each.begin - DAY), each]
    return (*kept, *(each for each in coverages if is_undone(each)))


def ended(coverage: Coverage, end: date | None) -> Coverage:
    """The same with another last day; None: open."""
    return replace(coverage, end=end, eligibility_end=None)


def end_all(held: Coverages, end: date) -> Coverages:
    """End every coverage in force beyond a day; what begins later has been enrolled for by itself and stays."""
    return tuple([ended(each, end) if each.begin <= end and _is_beyond(each, end) else each for each in held])


def all_begin_after(held: Coverages, day: date) -> bool:
    """Whether there are coverages and none had begun by then."""
    real = in_force_ever(held)
    return bool(real) and all(each.begin > day for each in real)


def all_ended_before(held: Coverages, day: date) -> bool:
    """Whether there are coverages and all had ended before a day."""
    real = in_force_ever(held)
    return bool(real) and all(each.end is not None and each.end < day for each in real)


def reopen_last(held: Coverages, begin: date | None, end: date | None) -> Coverages:
    """Reopen, of each plan, the coverage that was the last to end; those of plans left earlier stay ended."""
    ends = {each.plan_id: each.end or date.max for each in in_force_ever(held)}
    plans = {plan_id for plan_id, last in ends.items() if last == max(ends.values())}
    reopened = [each for each in held if each.plan_id not in plans]
    for plan_id in plans:
        reopened += apart(reopen(tuple([each for each in held if each.plan_id == plan_id]), begin, end))
    return held if set(reopened) == set(held) else in_order(reopened)


def reopen(held: Coverages, begin: date | None, end: date | None) -> Coverages:
    """Reopen a coverage of one plan.

    Args:
        held: at least one, all of one plan, the earliest first.
        begin: the first day covered again; None: without a gap. Where it leaves a gap another coverage begins, with the
            same accumulators.
        end: the last day covered; None: open, or up to the next coverage if there is one.
    """
    real = in_force_ever(held) or held
    known = [each for each in real if begin is None or each.begin <= begin] or [real[0]]
    span = known[-1]
    following = next((each for each in real if each.begin > span.begin), None)
    if end is None and following is not None:
        end = following.begin - DAY
    if begin is not None and span.end is not None and begin - DAY > span.end:
        return (*held, replace(span, begin=begin, end=end, eligibility_begin=None, eligibility_end=None))
    return replaced(held, span, ended(span, end))


def is_backwards(begin: date | None, end: date | None) -> bool:
    """Whether an end is told that lies before the begin."""
    return begin is not None and end is not None and end < begin


def undoes(held: Coverages, coverages: Coverages) -> bool:
    """Whether a coverage has come to end before it begins."""
    return any(is_undone(each) and each not in held for each in coverages)


def is_undone(coverage: Coverage) -> bool:
    """Whether a coverage was never in force."""
    return coverage.end is not None and coverage.end < coverage.begin


def _is_beyond(coverage: Coverage, day: date) -> bool:
    return coverage.end is None or coverage.end > day
