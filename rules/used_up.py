"""What is left of deductibles, maxima and limits: the lines of a plan that depend on the person."""

from dataclasses import dataclass
from decimal import Decimal

from edi.benefit_codes import CoverageLevel, NetworkIndicator, TimePeriod
from edi.eligibility import Benefit, DateRange
from rules.facts import AmountKind, Coverage
from rules.memo import IdentityMemo

_NOTHING = Decimal(0)
_LINES_MAX = 32_768
_told: IdentityMemo[Benefit] = IdentityMemo(_LINES_MAX)
"""Lines told before: many members of a plan have used nothing, or all."""

AmountKey = tuple[AmountKind, CoverageLevel, NetworkIndicator, str, str]
"""Kind, level, network, tier and service type of an amount that is counted by itself."""


@dataclass(frozen=True, slots=True)
class UsedUp:
    """What a person and the family have used in one plan year, and of limits of a lifetime."""

    amounts: dict[AmountKey, Decimal]
    limits: dict[str, Decimal]


def used_up(coverage: Coverage, year: DateRange) -> UsedUp:
    """Read the accumulators of a plan year; those of another year say nothing about this one."""
    amounts: dict[AmountKey, Decimal] = {}
    for counted in coverage.accumulators:
        if year.first <= counted.period_begin <= year.last:
            key = (counted.kind, counted.level, counted.network, counted.tier, counted.service_type)
            amounts[key] = amounts.get(key, _NOTHING) + counted.used
    limits: dict[str, Decimal] = {}
    for limit in coverage.used_limits:
        if limit.period_begin is None or year.first <= limit.period_begin <= year.last:
            limits[limit.limit] = limits.get(limit.limit, _NOTHING) + limit.used
    return UsedUp(amounts, limits)


def _remaining(whole: Decimal, used: Decimal) -> Decimal:
    """What is left: never less than nothing, nor more than there is when less than nothing has been used."""
    return min(max(whole - used, _NOTHING), whole)


@dataclass(frozen=True, slots=True)
class RemainingAmount:
    """What remains of a deductible or maximum."""

    of: Benefit
    """The line with the whole amount."""
    whole: Decimal
    key: AmountKey
    reason: str

    def tell(self, used: UsedUp) -> Benefit:
        """The line as it is for a person."""
        remaining = _remaining(self.whole, used.amounts.get(self.key, _NOTHING))
        return _told.get((self,), remaining, lambda: self._line(remaining))

    def _line(self, remaining: Decimal) -> Benefit:
        of = self.of
        return Benefit(
            of.kind,
            of.service_types,
            of.level,
            "",
            of.plan_name,
            TimePeriod.REMAINING,
            remaining,
            network=of.network,
            procedure=of.procedure,
            dates=of.dates,
            messages=of.messages,
            reason=self.reason,
        )


@dataclass(frozen=True, slots=True)
class RemainingLimit:
    """What remains of a benefit limit, in its own unit."""

    of: Benefit
    whole: Decimal
    name: str
    period: TimePeriod
    """REMAINING or LIFETIME_REMAINING."""
    reason: str

    def tell(self, used: UsedUp) -> Benefit:
        """The line as it is for a person."""
        remaining = _remaining(self.whole, used.limits.get(self.name, _NOTHING))
        return _told.get((self,), remaining, lambda: self._line(remaining))

    def _line(self, remaining: Decimal) -> Benefit:
        of = self.of
        is_money = of.amount is not None
        return Benefit(
            of.kind,
            of.service_types,
            plan_name=of.plan_name,
            period=self.period,
            amount=remaining if is_money else None,
            quantity_qualifier=of.quantity_qualifier,
            quantity=None if is_money else remaining,
            network=of.network,
            procedure=of.procedure,
            reason=self.reason,
        )


Line = Benefit | RemainingAmount | RemainingLimit
"""A line of a plan: the same for everybody who has it, or to be told for a person."""
