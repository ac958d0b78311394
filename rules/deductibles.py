"""Deductibles and out-of-pocket maxima: whole and remaining, and which service types they are for (CAQH CORE 260)."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from edi.benefit_codes import BenefitKind, CoverageLevel, NetworkIndicator
from edi.eligibility import Benefit
from rules.facts import AmountKind, Cost, DeductibleRule, PlanAmount
from rules.plan_sheet import PlanSheet
from rules.reasons import Rule
from rules.service_blocks import Block
from rules.service_types import GENERIC
from rules.used_up import Line, RemainingAmount

_KIND = {
    AmountKind.DEDUCTIBLE: (BenefitKind.DEDUCTIBLE, Rule.DEDUCTIBLE, Rule.DEDUCTIBLE_REMAINING),
    AmountKind.OUT_OF_POCKET: (BenefitKind.OUT_OF_POCKET, Rule.OUT_OF_POCKET, Rule.OUT_OF_POCKET_REMAINING),
}
_BOTH = NetworkIndicator.BOTH


def amount_lines(sheet: PlanSheet, blocks: Sequence[Block]) -> Iterator[Line]:
    """The plan's own amounts; a deductible names, besides 30, the service types asked about that it is for."""
    for index, amount in enumerate(sheet.plan.amounts):
        part = f"amounts[{index}]"
        if amount.kind is AmountKind.DEDUCTIBLE:
            for network, service_types in _subjects(amount, blocks).items():
                yield from _whole_and_remaining(sheet, amount, network, service_types, part)
        elif sheet.profile.tells_out_of_pocket:
            yield from _whole_and_remaining(sheet, amount, amount.network, (GENERIC,), part)


def _subjects(amount: PlanAmount, blocks: Sequence[Block]) -> dict[NetworkIndicator, tuple[str, ...]]:
    """The service types that a deductible is for, by network: those for all its networks stand with 30."""
    subjects: dict[NetworkIndicator, dict[str, None]] = {amount.network: {GENERIC: None}}
    for block in blocks:
        if block.benefit is None or block.discretionary:
            continue
        counted = [cost for cost in block.benefit.costs if cost.covered and not cost.places_of_service]
        counted = [cost for cost in counted if _meet(cost, amount)]
        applying = [cost for cost in counted if cost.deductible is DeductibleRule.APPLIES]
        networks = [amount.network if applying == counted else _overlap(cost, amount) for cost in applying]
        for network in networks:
            subjects.setdefault(network, {}).update(dict.fromkeys(block.service_types))
    return {network: tuple(service_types) for network, service_types in subjects.items()}


def _meet(cost: Cost, amount: PlanAmount) -> bool:
    """Whether a service's cost could be counted towards an amount: they share a network and a tier."""
    shares_network = cost.network is amount.network or _BOTH in (cost.network, amount.network)
    return shares_network and amount.tier in ("", cost.tier)


def _overlap(cost: Cost, amount: PlanAmount) -> NetworkIndicator:
    return cost.network if amount.network is _BOTH else amount.network


def _whole_and_remaining(
    sheet: PlanSheet, amount: PlanAmount, network: NetworkIndicator, service_types: tuple[str, ...], part: str
) -> Iterator[Line]:
    kind, whole_rule, remaining_rule = _KIND[amount.kind]
    whole = Benefit(
        kind,
        service_types,
        amount.level,
        plan_name=sheet.plan_name,
        period=sheet.period,
        amount=amount.amount,
        network=network,
        dates=sheet.year_dates,
        messages=(amount.tier,) if amount.tier else (),
        reason=sheet.because(whole_rule, part),
    )
    yield whole
    if sheet.profile.tells_remaining:
        key = (amount.kind, amount.level, amount.network, amount.tier, "")
        yield RemainingAmount(whole, amount.amount, key, sheet.because(remaining_rule, part))


def cost_deductible_lines(sheet: PlanSheet, block: Block, cost: Cost, part: str) -> Iterator[Line]:
    """What a service says of the deductible by itself: its own, or zero where none has to be met."""
    if cost.deductible is DeductibleRule.OWN:
        yield from _own_deductible_lines(sheet, block, cost, part)
    elif cost.deductible is DeductibleRule.EXEMPT or not _has_deductible(sheet, cost):
        yield Benefit(
            BenefitKind.DEDUCTIBLE,
            block.service_types,
            CoverageLevel.INDIVIDUAL,
            plan_name=sheet.plan_name,
            period=sheet.period,
            amount=Decimal(0),
            network=cost.network,
            procedure=block.procedure,
            places_of_service=cost.places_of_service,
            messages=(cost.tier,) if cost.tier else (),
            reason=sheet.because(Rule.DEDUCTIBLE_WAIVED, part),
        )


def _has_deductible(sheet: PlanSheet, cost: Cost) -> bool:
    return any(amount.kind is AmountKind.DEDUCTIBLE and _meet(cost, amount) for amount in sheet.plan.amounts)


def _own_deductible_lines(sheet: PlanSheet, block: Block, cost: Cost, part: str) -> Iterator[Line]:
    if block.benefit is None:
        return
    counted_for = block.benefit.service_types[0]
    for index, amount in enumerate(cost.own_deductibles):
        own_part = f"{part}.own_deductibles[{index}]"
        whole = Benefit(
            BenefitKind.DEDUCTIBLE,
            block.service_types,
            amount.level,
            plan_name=sheet.plan_name,
            period=sheet.period,
            amount=amount.amount,
            network=amount.network,
            procedure=block.procedure,
            dates=sheet.year_dates,
            messages=(amount.tier,) if amount.tier else (),
            reason=sheet.because(Rule.DEDUCTIBLE, own_part),
        )
        yield whole
        if sheet.profile.tells_remaining:
            key = (amount.kind, amount.level, amount.network, amount.tier, counted_for)
            yield RemainingAmount(whole, amount.amount, key, sheet.because(Rule.DEDUCTIBLE_REMAINING, own_part))
