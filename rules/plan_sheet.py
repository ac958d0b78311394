"""What all lines of one plan in one answer have in common."""

from dataclasses import dataclass

from edi.benefit_codes import TimePeriod
from edi.eligibility import DateRange, Dates
from rules.coverages import year_period
from rules.facts import PayerProfile, Plan, YearBasis
from rules.reasons import Rule, because

_PLAN_DATES = "291"


@dataclass(frozen=True, slots=True)
class PlanSheet:
    """A plan as it is told in an answer."""

    plan: Plan
    profile: PayerProfile
    plan_name: str
    """EB05 of every line where several plans are told of, to tell them apart; else empty."""
    period: TimePeriod
    """EB06 of what counts for the plan's year."""
    year_dates: tuple[Dates, ...]
    """The plan's year, told with deductibles when it is not the calendar year (CAQH CORE 260)."""

    def because(self, rule: Rule, part: str) -> str:
        """The reason of a line."""
        return because(rule, f"plan {self.plan.plan_id}", part)


def lay_out(plan: Plan, profile: PayerProfile, year: DateRange, *, named: bool) -> PlanSheet:
    """Begin a plan's lines for the plan year around the day asked about."""
    return PlanSheet(
        plan=plan,
        profile=profile,
        plan_name=plan.name if named else "",
        period=year_period(plan),
        year_dates=() if plan.year is YearBasis.CALENDAR else (Dates(_PLAN_DATES, year),),
    )
