"""A plan's lines for what is asked (CAQH CORE 154, 260, vEB.2.0): the same for all who have the plan.

They are worked out once for a plan and a set of service types; only what remains of amounts and limits is left open.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from decimal import Decimal

from edi.benefit_codes import SERVICE_TYPES_PER_LINE_MAX, BenefitKind, NetworkIndicator
from edi.eligibility import Benefit, DateRange
from rules.contacts import tell_contact
from rules.deductibles import amount_lines, cost_deductible_lines
from rules.facts import Cost, PayerProfile, Plan, ServiceBenefit, ServiceStatus
from rules.limits import limit_lines
from rules.memo import IdentityMemo
from rules.plan_sheet import PlanSheet, lay_out
from rules.reasons import Rule
from rules.service_blocks import Block, blocks_of
from rules.service_types import Asked, per_line
from rules.used_up import Line

_PLANS_MAX = 1024
"""Plans with the sets of service types asked of them."""
_VENDOR = "VN"
"""NM101 of a vendor."""
_SIDES = {NetworkIndicator.IN: NetworkIndicator.OUT, NetworkIndicator.OUT: NetworkIndicator.IN}

_lines: IdentityMemo[tuple[Line, ...]] = IdentityMemo(_PLANS_MAX)


def plan_lines(plan: Plan, profile: PayerProfile, asked: Asked, year: DateRange, *, named: bool) -> tuple[Line, ...]:
    """All lines of a plan below its status.

    Args:
        year: the plan year around the day asked about.
        named: whether each line names the plan, because several plans are told of.
    """
    key = (asked.service_types, asked.procedures, year.first, named)
    return _lines.get((plan, profile), key, lambda: _work_out(lay_out(plan, profile, year, named=named), asked))


def _work_out(sheet: PlanSheet, asked: Asked) -> tuple[Line, ...]:
    blocks = blocks_of(sheet.plan, sheet.profile, asked)
    lines = list(amount_lines(sheet, blocks))
    for block in blocks:
        lines.extend(_block_lines(sheet, block))
    return tuple([part for line in lines for part in _parts(line)])


def _parts(line: Line) -> list[Line]:
    """A line, or several where it is for more service types than one can name."""
    whole = line if isinstance(line, Benefit) else line.of
    if len(whole.service_types) <= SERVICE_TYPES_PER_LINE_MAX:
        return [line]
    parts = [replace(whole, service_types=service_types) for service_types in per_line(whole.service_types)]
    return [part if isinstance(line, Benefit) else replace(line, of=part) for part in parts]


def _block_lines(sheet: PlanSheet, block: Block) -> Iterator[Line]:
    benefit = block.benefit
    if benefit is None:
        yield _status(sheet, block, BenefitKind.NON_COVERED, Rule.NOT_LISTED)
    elif benefit.status is ServiceStatus.NOT_COVERED:
        yield _status(sheet, block, BenefitKind.NON_COVERED, Rule.NOT_COVERED)
    elif benefit.status is ServiceStatus.FOLDED:
        yield _status(sheet, block, BenefitKind.CANNOT_PROCESS, Rule.FOLDED)
    else:
        yield _status(sheet, block, sheet.plan.active_kind, Rule.SERVICE_STATUS)
        yield from _covered_lines(sheet, block, benefit)


def _status(sheet: PlanSheet, block: Block, kind: BenefitKind, rule: Rule) -> Benefit:
    own_name = block.benefit.plan_name if block.benefit is not None else ""
    return Benefit(
        kind,
        block.service_types,
        plan_name=own_name or sheet.plan_name,
        authorization_required=block.authorization_required,
        procedure=block.procedure,
        messages=block.benefit.messages if block.benefit is not None else (),
        reason=sheet.because(rule, block.part),
    )


def _covered_lines(sheet: PlanSheet, block: Block, benefit: ServiceBenefit) -> Iterator[Line]:
    if benefit.status is ServiceStatus.CARVED_OUT and benefit.vendor is not None:
        yield Benefit(
            BenefitKind.CONTACT_ENTITY,
            block.service_types,
            plan_name=sheet.plan_name,
            procedure=block.procedure,
            related=(tell_contact(benefit.vendor, _VENDOR),),
            reason=sheet.because(Rule.CARVE_OUT, f"{block.part}.vendor"),
        )
    if block.discretionary:
        return
    yield from _join_networks(line for cost in _cost_lines(sheet, block, benefit) for line in cost)
    yield from limit_lines(sheet, block, benefit.limits)


def _cost_lines(sheet: PlanSheet, block: Block, benefit: ServiceBenefit) -> Iterator[Iterator[Line]]:
    for index, cost in enumerate(benefit.costs):
        yield _lines_of_cost(sheet, block, cost, f"{block.part}.costs[{index}]")


def _lines_of_cost(sheet: PlanSheet, block: Block, cost: Cost, part: str) -> Iterator[Line]:
    authorization = cost.authorization_required
    common = Benefit(
        BenefitKind.NON_COVERED,
        block.service_types,
        plan_name=sheet.plan_name,
        authorization_required=block.authorization_required if authorization is None else authorization,
        network=cost.network,
        procedure=block.procedure,
        places_of_service=cost.places_of_service,
        messages=((cost.tier,) if cost.tier else ()) + cost.messages,
        reason=sheet.because(Rule.NOT_COVERED, part),
    )
    if not cost.covered:
        yield common
        return
    if cost.places_of_service:
        yield replace(common, kind=sheet.plan.active_kind, reason=sheet.because(Rule.TELEHEALTH, part))
    yield replace(
        common,
        kind=BenefitKind.CO_PAYMENT,
        period=cost.co_payment_period,
        amount=cost.co_payment or Decimal(0),
        reason=sheet.because(Rule.CO_PAYMENT, part),
    )
    yield replace(
        common,
        kind=BenefitKind.CO_INSURANCE,
        percent=cost.co_insurance or Decimal(0),
        reason=sheet.because(Rule.CO_INSURANCE, part),
    )
    yield from cost_deductible_lines(sheet, block, cost, part)


def _join_networks(lines: Iterable[Line]) -> list[Line]:
    """Make one line of two that are equal in and out of network; liability that differs stays apart."""
    joined: list[Line] = []
    for line in lines:
        twin = _twin(line, joined)
        if twin is None:
            joined.append(line)
        else:
            joined[twin] = replace(line, network=NetworkIndicator.BOTH) if isinstance(line, Benefit) else line
    return joined


def _twin(line: Line, others: list[Line]) -> int | None:
    """Where among ``others`` the same line for the other side of the network is."""
    if not isinstance(line, Benefit) or line.network not in _SIDES:
        return None
    wanted = replace(line, network=_SIDES[line.network], reason="")
    for index, other in enumerate(others):
        if isinstance(other, Benefit) and replace(other, reason="") == wanted:
            return index
    return None
