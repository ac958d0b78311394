"""Which parts of a plan answer what is asked: its benefits, with the service types or procedure each answers for."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from rules.facts import PayerProfile, Plan, ServiceBenefit, ServiceStatus
from rules.memo import IdentityMemo
from rules.service_types import Asked, category_of

_PLANS_MAX = 4096


@dataclass(frozen=True, slots=True)
class Block:
    """One part of a plan and what it answers."""

    benefit: ServiceBenefit | None
    """None: the plan says nothing about it, so it is not covered."""
    part: str
    """Where in the plan's document it stands."""
    service_types: tuple[str, ...]
    procedure: str = ""
    authorization_required: bool | None = None
    discretionary: bool = False
    """Whether only the status is told."""


Rows = Mapping[str, tuple[int, ServiceBenefit]]
_rows: IdentityMemo[Rows] = IdentityMemo(_PLANS_MAX)


def rows_of(plan: Plan) -> Rows:
    """A plan's benefits by service type, each with its place in the document."""
    return _rows.get((plan,), None, lambda: _index(plan))


def _index(plan: Plan) -> Rows:
    return {
        service_type: (index, benefit)
        for index, benefit in enumerate(plan.benefits)
        for service_type in benefit.service_types
    }


def blocks_of(plan: Plan, profile: PayerProfile, asked: Asked) -> tuple[Block, ...]:
    """The parts of a plan that answer what is asked, in the order asked; a folded service's container follows it."""
    return (*_service_blocks(plan, profile, asked), *_procedure_blocks(plan, profile, asked))


def _service_blocks(plan: Plan, profile: PayerProfile, asked: Asked) -> Iterator[Block]:
    rows = rows_of(plan)
    groups: dict[tuple[int | None, bool], list[str]] = {}
    for service_type in _with_containers(rows, asked.service_types):
        index, benefit = rows.get(service_type, (None, None))
        keeps_back = service_type in profile.discretionary_service_types
        groups.setdefault((index, keeps_back or (benefit is not None and benefit.discretionary)), []).append(
            service_type
        )
    for (index, discretionary), service_types in groups.items():
        yield _block(plan, index, tuple(service_types), discretionary=discretionary)


def _block(plan: Plan, index: int | None, service_types: tuple[str, ...], *, discretionary: bool) -> Block:
    if index is None:
        return Block(None, "benefits", service_types)
    benefit = plan.benefits[index]
    return Block(
        benefit,
        f"benefits[{index}]",
        service_types,
        authorization_required=benefit.authorization_required,
        discretionary=discretionary,
    )


def _with_containers(rows: Rows, service_types: tuple[str, ...]) -> tuple[str, ...]:
    """What is asked, each folded service type followed by the one that it is paid within."""
    ordered: dict[str, None] = {}
    for asked in service_types:
        service_type = asked
        while service_type not in ordered:
            ordered[service_type] = None
            _, benefit = rows.get(service_type, (0, None))
            if benefit is None or benefit.status is not ServiceStatus.FOLDED or benefit.folded_into not in rows:
                break
            service_type = benefit.folded_into
    return tuple(ordered)


def _procedure_blocks(plan: Plan, profile: PayerProfile, asked: Asked) -> Iterator[Block]:
    rows = rows_of(plan)
    for procedure in asked.procedures:
        category = category_of(procedure, profile)
        row, paid_as = next(
            ((row, paid_as) for row, paid_as in enumerate(plan.procedures) if paid_as.category is category), (0, None)
        )
        container = "" if paid_as is None else _with_containers(rows, (paid_as.service_type,))[-1]
        if paid_as is None or container not in rows:
            yield Block(None, "procedures", (), procedure)
            continue
        index, benefit = rows[container]
        own_rule = paid_as.authorization_required
        yield Block(
            benefit,
            f"procedures[{row}] benefits[{index}]",
            (),
            procedure,
            benefit.authorization_required if own_rule is None else own_rule,
            benefit.discretionary,
        )
