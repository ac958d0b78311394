"""Benefit limits and what remains of them (CAQH CORE vEB.2.0)."""

from collections.abc import Iterator

from edi.benefit_codes import BenefitKind, TimePeriod
from edi.eligibility import Benefit
from rules.facts import Limit, LimitUnit
from rules.plan_sheet import PlanSheet
from rules.reasons import Rule
from rules.service_blocks import Block
from rules.used_up import Line, RemainingLimit

_QUANTITY = {
    LimitUnit.VISITS: "VS",
    LimitUnit.DAYS: "DY",
    LimitUnit.HOURS: "HS",
    LimitUnit.SERVICES: "P6",
    LimitUnit.CO_INSURANCE_DAYS: "D3",
    LimitUnit.LIFETIME_RESERVE_DAYS: "LA",
}
"""EB09; dollars stand in EB07 instead."""
_REMAINING = {
    TimePeriod.CALENDAR_YEAR: TimePeriod.REMAINING,
    TimePeriod.LIFETIME: TimePeriod.LIFETIME_REMAINING,
}
"""Periods over which use is counted; what is limited per visit, episode or admission has nothing to remain."""


def limit_lines(sheet: PlanSheet, block: Block, limits: tuple[Limit, ...]) -> Iterator[Line]:
    """Each limit of a benefit, whole and remaining."""
    for index, limit in enumerate(limits):
        part = f"{block.part}.limits[{index}]"
        is_money = limit.unit is LimitUnit.DOLLARS
        whole = Benefit(
            BenefitKind.LIMITATIONS,
            block.service_types,
            plan_name=sheet.plan_name,
            period=sheet.period if limit.period is TimePeriod.CALENDAR_YEAR else limit.period,
            amount=limit.quantity if is_money else None,
            quantity_qualifier="" if is_money else _QUANTITY[limit.unit],
            quantity=None if is_money else limit.quantity,
            network=limit.network,
            procedure=block.procedure,
            messages=(limit.message,) if limit.message else (),
            reason=sheet.because(Rule.LIMIT, part),
        )
        yield whole
        if sheet.profile.tells_remaining and limit.period in _REMAINING:
            reason = sheet.because(Rule.LIMIT_REMAINING, part)
            yield RemainingLimit(whole, limit.quantity, limit.name, _REMAINING[limit.period], reason)
