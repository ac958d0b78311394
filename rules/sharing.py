"""What each of a patient's plans is asked, where one has several."""

from collections.abc import Sequence

from edi.eligibility import ServiceInquiry
from rules.facts import PayerProfile, Plan, ProcedureCategory
from rules.memo import IdentityMemo
from rules.service_blocks import rows_of
from rules.service_types import Asked, category_of, what_is_asked

_INQUIRIES_MAX = 1024
_asked: IdentityMemo[Asked] = IdentityMemo(_INQUIRIES_MAX)


def share_out(services: Sequence[ServiceInquiry], plans: Sequence[Plan], profile: PayerProfile) -> Sequence[Asked]:
    """What each plan answers: everything where there is one, else what it lists; the first also what none lists."""
    if len(plans) == 1:
        key = tuple([(service.service_types, service.procedure) for service in services])
        return (_asked.get((plans[0], profile), key, lambda: _everything(services, plans, profile)),)
    everything = _everything(services, plans, profile)
    unlisted = frozenset(everything.service_types).difference(*map(rows_of, plans))
    first, *others = plans
    return [_part(everything, first, unlisted, profile)] + [
        _part(everything, plan, frozenset(), profile) for plan in others
    ]


def _everything(services: Sequence[ServiceInquiry], plans: Sequence[Plan], profile: PayerProfile) -> Asked:
    listed = frozenset[str]().union(*map(rows_of, plans))
    categories = frozenset[ProcedureCategory]().union(*map(_categories, plans))
    return what_is_asked(services, profile, listed, categories)


def _part(everything: Asked, plan: Plan, unlisted: frozenset[str], profile: PayerProfile) -> Asked:
    listed, categories = rows_of(plan), _categories(plan)
    return Asked(
        tuple([code for code in everything.service_types if code in listed or code in unlisted]),
        tuple([code for code in everything.procedures if category_of(code, profile) in categories]),
    )


def _categories(plan: Plan) -> frozenset[ProcedureCategory]:
    return frozenset([procedure.category for procedure in plan.procedures])
