"""What the members of the synthetic book have used of their deductibles, maxima and limits in the current plan year."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from random import Random

from edi.benefit_codes import CoverageLevel, NetworkIndicator, TimePeriod
from rules.facts import Accumulator, AmountKind, Limit, Plan, UsedLimit, YearBasis

ZERO = Decimal(0)
CENT = Decimal("0.01")
NOTHING_USED_SHARE = 0.25
ALL_USED_SHARE = 0.2
OUT_OF_NETWORK_SHARE = 0.2
LIMIT_USED_SHARE = 0.1

Used = Mapping[tuple[AmountKind, NetworkIndicator], Decimal]
"""Dollars that one person has used."""


@dataclass(frozen=True, slots=True)
class PlanFigures:
    """What usage needs to know of a plan, gathered once."""

    plan: Plan
    amounts: Mapping[tuple[AmountKind, NetworkIndicator, CoverageLevel], Decimal]
    limits: tuple[Limit, ...]

    @classmethod
    def of(cls, plan: Plan) -> PlanFigures:
        """Gather them."""
        amounts = {(row.kind, row.network, row.level): row.amount for row in plan.amounts}
        limits = {limit.name: limit for benefit in plan.benefits for limit in benefit.limits}
        return cls(plan, amounts, tuple(limits.values()))

    def year_begin(self, begin: date, today: date) -> date:
        """The first day of the plan year that holds `today`, for a coverage that began on `begin`."""
        if self.plan.year is YearBasis.CALENDAR:
            return date(today.year, 1, 1)
        model = begin if self.plan.year is YearBasis.CONTRACT else self.plan.year_begins
        this_year = date(today.year, model.month, min(model.day, 28))
        return this_year if this_year <= today else this_year.replace(year=today.year - 1)


def used_by_person(figures: PlanFigures, random: Random) -> Used:
    """What a person may have used; never more than the individual amounts."""
    share = _share(random)
    used = {}
    for (kind, network, level), amount in figures.amounts.items():
        if level is not CoverageLevel.INDIVIDUAL or (
            network is NetworkIndicator.OUT and random.random() > OUT_OF_NETWORK_SHARE
        ):
            continue
        # The deductible is met long before the out-of-pocket maximum.
        reached = min(1.0, share * (1.0 if kind is AmountKind.DEDUCTIBLE else 0.4))
        used[kind, network] = (amount * Decimal(reached)).quantize(CENT)
    return used


def _share(random: Random) -> float:
    dice = random.random()
    if dice < NOTHING_USED_SHARE:
        return 0.0
    return 2.5 if dice > 1 - ALL_USED_SHARE else random.random()


def accumulators(figures: PlanFigures, own: Used, everybody: list[Used], period_begin: date) -> tuple[Accumulator, ...]:
    """A person's accumulators and beside them the family's, which stand with each of its persons."""
    rows = []
    for (kind, network, level), most in figures.amounts.items():
        if level is CoverageLevel.INDIVIDUAL:
            used = own.get((kind, network), ZERO)
        else:
            used = min(most, sum((each.get((kind, network), ZERO) for each in everybody), ZERO))
        rows.append(Accumulator(kind, level, used, period_begin, network))
    return tuple(rows)


def used_limits(figures: PlanFigures, period_begin: date, random: Random) -> tuple[UsedLimit, ...]:
    """Limits that a person has begun to use, some of them to the end."""
    return tuple(
        UsedLimit(
            limit.name,
            Decimal(random.randint(1, int(limit.quantity))),
            None if limit.period is TimePeriod.LIFETIME else period_begin,
        )
        for limit in figures.limits
        if random.random() < LIMIT_USED_SHARE
    )
