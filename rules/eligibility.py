"""What a patient is covered for: from the inquiry and the facts to the typed answer.

Pure: the same inquiry, person, plans and day give the same answer, each line with its reason.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date

from edi.aaa import Loop
from edi.benefit_codes import BenefitKind
from edi.eligibility import (
    Benefit,
    DateRange,
    Dates,
    EligibilityAnswer,
    EligibilityInquiry,
    Reference,
    Rejection,
    ServiceInquiry,
)
from edi.errors import Outage
from rules.coverages import InForce, dates_of, in_force, plan_year, status_of
from rules.dates import asked_period, refuse_period
from rules.entitlement import Permitted
from rules.facts import Coverage, PayerProfile, Plan, Priority
from rules.inquiry_faults import correctable
from rules.members import tell_members
from rules.memo import IdentityMemo
from rules.other_parties import other_payer_lines, primary_care_lines
from rules.plan_lines import plan_lines
from rules.reasons import Rule, because
from rules.search import Identified, refuse_lifetime
from rules.service_types import GENERIC, as_supported, explicit_only, per_line
from rules.sharing import share_out
from rules.used_up import used_up

_GROUP_NUMBER = "6P"
"""REF01."""
_SERVICE_DATES = "472"
"""DTP01 of the days asked about, told where one inquiry asks about several."""
_MESSAGES_MAX = 10
_STATUS_LINES_MAX = 16_384
_status_lines: IdentityMemo[Benefit] = IdentityMemo(_STATUS_LINES_MAX)
_STATUSES = frozenset(
    {
        BenefitKind.ACTIVE,
        BenefitKind.ACTIVE_FULL_RISK,
        BenefitKind.ACTIVE_SERVICES_CAPITATED,
        BenefitKind.ACTIVE_CAPITATED_TO_PCP,
        BenefitKind.ACTIVE_PENDING,
        BenefitKind.INACTIVE,
        BenefitKind.INACTIVE_PENDING_UPDATE,
        BenefitKind.INACTIVE_PENDING_INVESTIGATION,
        BenefitKind.NON_COVERED,
    }
)
_WITHOUT_BENEFITS = (BenefitKind.INACTIVE_PENDING_UPDATE, BenefitKind.INACTIVE_PENDING_INVESTIGATION)


def plans_needed(identified: Identified, inquiry: EligibilityInquiry, today: date) -> tuple[str, ...]:
    """The ids of the plans that ``decide`` will ask for."""
    needed: dict[str, None] = {}
    for period in {asked_period(inquiry, service, today): None for service in inquiry.services}:
        for coverage in in_force(identified.person, period).coverages:
            needed[coverage.plan_id] = None
    return tuple(needed)


def decide(
    inquiry: EligibilityInquiry,
    identified: Identified,
    plans: Mapping[str, Plan],
    today: date,
    profile: PayerProfile,
    permitted: Permitted,  # noqa: ARG001 - the proof is what counts: nothing is told without it
    trace: str = "",
) -> EligibilityAnswer:
    """Answer an inquiry about a person who has been identified.

    Args:
        plans: at least those of ``plans_needed``, by id.
        today: the payer's calendar date.
        permitted: the proof that the submitter may ask.
        trace: our own number for the answer.

    Raises:
        Outage: a plan is not among ``plans``.
    """
    by_period: dict[DateRange, list[ServiceInquiry]] = {}
    refused: list[Benefit] = []
    for service in inquiry.services:
        rejection = _refuse(service, identified, today, profile)
        if rejection is None:
            by_period.setdefault(asked_period(inquiry, service, today), []).append(service)
        else:
            refused.append(_not_answered(service, rejection, profile))
    subscriber, dependent = tell_members(inquiry, identified)
    benefits = (*_benefits(identified, by_period, plans, profile), *refused)
    return EligibilityAnswer(inquiry, (), subscriber, dependent, benefits, trace)


def _refuse(service: ServiceInquiry, identified: Identified, today: date, profile: PayerProfile) -> Rejection | None:
    """Refuse an EQ whose own dates cannot be answered; the patient's dates have been looked at before."""
    if service.dates is None:
        return None
    loop = Loop.SUBSCRIBER_BENEFIT if identified.is_subscriber else Loop.DEPENDENT_BENEFIT
    reason = refuse_period(service.dates, today, profile)
    if reason is not None:
        return correctable(loop, reason)
    return refuse_lifetime(loop, identified.person, service.dates)


def _not_answered(service: ServiceInquiry, rejection: Rejection, profile: PayerProfile) -> Benefit:
    """The line that an EQ's rejection stands with."""
    return Benefit(
        BenefitKind.CANNOT_PROCESS,
        as_supported(service, profile),
        procedure=service.procedure,
        rejections=(rejection,),
        reason=because(Rule.DATES_REFUSED, "inquiry", "dates"),
    )


def _benefits(
    identified: Identified,
    by_period: Mapping[DateRange, list[ServiceInquiry]],
    plans: Mapping[str, Plan],
    profile: PayerProfile,
) -> tuple[Benefit, ...]:
    benefits: list[Benefit] = []
    day: date | None = None
    for period, services in by_period.items():
        found = in_force(identified.person, period)
        lines = _lines_in_force(found, services, plans, profile)
        if len(by_period) > 1:
            lines = [_dated(line, period) for line in lines]
        benefits.extend(lines)
        day = day or found.day
    if day is not None:
        benefits.extend(primary_care_lines(identified, day, profile))
        benefits.extend(other_payer_lines(identified, day, profile))
    return tuple(benefits)


def _dated(line: Benefit, period: DateRange) -> Benefit:
    """A status with the days for which it was asked."""
    if line.kind not in _STATUSES:
        return line
    return replace(line, dates=(*line.dates, Dates(_SERVICE_DATES, period)))


def _lines_in_force(
    found: InForce, services: list[ServiceInquiry], plans: Mapping[str, Plan], profile: PayerProfile
) -> list[Benefit]:
    if not found.is_active:
        line = _inactive(found, services, plans, profile)
        return [replace(line, service_types=service_types) for service_types in per_line(line.service_types)]
    theirs = [_plan_of(coverage, plans) for coverage in found.coverages]
    named = len(theirs) > 1
    lines: list[Benefit] = []
    for coverage, plan, asked in zip(found.coverages, theirs, share_out(services, theirs, profile), strict=True):
        status = status_of(coverage, plan)
        lines.append(_coverage_status(coverage, plan, status, profile))
        if status in _WITHOUT_BENEFITS:
            continue
        year = plan_year(plan, coverage, found.day)
        used = used_up(coverage, year)
        lines.extend(
            [
                line if isinstance(line, Benefit) else line.tell(used)
                for line in plan_lines(plan, profile, asked, year, named=named)
            ]
        )
    return lines


def _plan_of(coverage: Coverage, plans: Mapping[str, Plan]) -> Plan:
    plan = plans.get(coverage.plan_id)
    if plan is None:
        raise Outage(f"plan {coverage.plan_id} of a coverage is not on file")
    return plan


def _coverage_status(coverage: Coverage, plan: Plan, status: BenefitKind, profile: PayerProfile) -> Benefit:
    """The line for health benefit plan coverage (30), the same for all whose coverages have these features."""
    features = (
        status,
        coverage.begin,
        coverage.end,
        coverage.eligibility_begin,
        coverage.eligibility_end,
        coverage.group_number,
        coverage.priority,
    )
    return _status_lines.get((plan, profile), features, lambda: _status_line(coverage, plan, status, profile))


def _status_line(coverage: Coverage, plan: Plan, status: BenefitKind, profile: PayerProfile) -> Benefit:
    """Status, plan name, dates and group."""
    return Benefit(
        status,
        (GENERIC,),
        insurance_type=plan.insurance_type,
        plan_name=plan.name,
        dates=dates_of(coverage),
        references=(Reference(_GROUP_NUMBER, coverage.group_number),) if coverage.group_number else (),
        messages=_messages(coverage, plan, profile),
        reason=because(Rule.COVERAGE_STATUS, f"coverage of plan {coverage.plan_id}", f"from {coverage.begin}"),
    )


def _messages(coverage: Coverage, plan: Plan, profile: PayerProfile) -> tuple[str, ...]:
    place = () if coverage.priority is Priority.PRIMARY else (f"THIS COVERAGE IS {coverage.priority.upper()}",)
    disclaimer = (profile.disclaimer,) if profile.disclaimer else ()
    return (*place, *plan.messages, *disclaimer)[:_MESSAGES_MAX]


def _inactive(
    found: InForce, services: Iterable[ServiceInquiry], plans: Mapping[str, Plan], profile: PayerProfile
) -> Benefit:
    """No coverage on the day: the nearest one's plan and dates, for 30 and what was asked by itself."""
    service_types = (GENERIC, *explicit_only(services, profile))
    if not found.coverages:
        reason = because(Rule.INACTIVE_COVERAGE, "coverages", "none")
        return Benefit(BenefitKind.INACTIVE, service_types, reason=reason)
    coverage = found.coverages[0]
    plan = _plan_of(coverage, plans)
    return Benefit(
        BenefitKind.INACTIVE,
        service_types,
        insurance_type=plan.insurance_type,
        plan_name=plan.name,
        dates=dates_of(coverage),
        reason=because(Rule.INACTIVE_COVERAGE, f"coverage of plan {coverage.plan_id}", f"from {coverage.begin}"),
    )
