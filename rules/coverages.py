"""Which of a person's coverages count for a period, and the dates told of them."""

from dataclasses import dataclass
from datetime import date

from edi.benefit_codes import BenefitKind, TimePeriod
from edi.eligibility import DateRange, Dates
from rules.dates import year_containing
from rules.facts import Coverage, Person, Plan, Priority, Standing, YearBasis

_ORDER = {Priority.PRIMARY: 0, Priority.SECONDARY: 1, Priority.TERTIARY: 2}
_CALENDAR_YEAR = date(2000, 1, 1)
_YEAR_PERIOD = {
    YearBasis.CALENDAR: TimePeriod.CALENDAR_YEAR,
    YearBasis.SERVICE: TimePeriod.SERVICE_YEAR,
    YearBasis.CONTRACT: TimePeriod.CONTRACT,
}
_STATUS_OF_STANDING = {
    Standing.PENDING: BenefitKind.ACTIVE_PENDING,
    Standing.PENDING_UPDATE: BenefitKind.INACTIVE_PENDING_UPDATE,
    Standing.UNDER_INVESTIGATION: BenefitKind.INACTIVE_PENDING_INVESTIGATION,
}

_PLAN = "291"
_PLAN_BEGIN = "346"
_ELIGIBILITY = "307"
_ELIGIBILITY_BEGIN = "356"
_ELIGIBILITY_END = "357"


@dataclass(frozen=True, slots=True)
class InForce:
    """The coverages that an answer tells of, and the day it is told for."""

    day: date
    coverages: tuple[Coverage, ...]
    """By priority. When none is in force: the one nearest before the day, else the nearest after, else none."""
    is_active: bool
    """Whether they are in force on the day."""


def in_force(person: Person, period: DateRange) -> InForce:
    """What is in force on the first day of a period, else on the first day of it on which anything is."""
    begins = [coverage.begin for coverage in person.coverages if period.first < coverage.begin <= period.last]
    for day in (period.first, *sorted(begins)):
        active = [coverage for coverage in person.coverages if _covers(coverage, day)]
        if active:
            active.sort(key=lambda coverage: (_ORDER[coverage.priority], coverage.begin))
            return InForce(day, tuple(active), is_active=True)
    return InForce(period.first, _nearest(person, period.first), is_active=False)


def _covers(coverage: Coverage, day: date) -> bool:
    return coverage.begin <= day and (coverage.end is None or day <= coverage.end)


def _nearest(person: Person, day: date) -> tuple[Coverage, ...]:
    """The last coverage that had ended before a day, else the first to begin after it."""
    real = [coverage for coverage in person.coverages if coverage.end is None or coverage.begin <= coverage.end]
    ended = [(coverage.end, coverage) for coverage in real if coverage.end is not None and coverage.end < day]
    if ended:
        return (max(ended, key=lambda pair: pair[0])[1],)
    return (min(real, key=lambda coverage: coverage.begin),) if real else ()


def status_of(coverage: Coverage, plan: Plan) -> BenefitKind:
    """EB01 of a coverage in force."""
    return _STATUS_OF_STANDING.get(coverage.standing, plan.active_kind)


def dates_of(coverage: Coverage) -> tuple[Dates, ...]:
    """The plan's begin (or its days, when it ends) and, where they differ, the days of eligibility (CAQH CORE 154)."""
    return (_plan_dates(coverage), *_eligibility_dates(coverage.eligibility_begin, coverage.eligibility_end))


def _plan_dates(coverage: Coverage) -> Dates:
    if coverage.end is None:
        return _on(_PLAN_BEGIN, coverage.begin)
    return Dates(_PLAN, DateRange(coverage.begin, coverage.end))


def _eligibility_dates(begin: date | None, end: date | None) -> tuple[Dates, ...]:
    if begin is not None and end is not None:
        if end < begin:
            return ()
        return (Dates(_ELIGIBILITY, DateRange(begin, end)),)
    if begin is not None:
        return (_on(_ELIGIBILITY_BEGIN, begin),)
    return (_on(_ELIGIBILITY_END, end),) if end is not None else ()


def _on(qualifier: str, day: date) -> Dates:
    return Dates(qualifier, DateRange(day, day))


def plan_year(plan: Plan, coverage: Coverage, day: date) -> DateRange:
    """The plan's year around a day, in which deductibles, maxima and yearly limits are counted."""
    begins = {
        YearBasis.CALENDAR: _CALENDAR_YEAR,
        YearBasis.SERVICE: plan.year_begins,
        YearBasis.CONTRACT: coverage.begin,
    }
    return year_containing(day, begins[plan.year])


def year_period(plan: Plan) -> TimePeriod:
    """EB06 of amounts and limits that count for the plan's year."""
    return _YEAR_PERIOD[plan.year]
