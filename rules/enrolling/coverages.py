"""What an 834 does to a member's coverages: rows of a table by maintenance type (005010X220A1 HD01).

Days on which something ends are the last day covered. What is not told stays: a change leaves the accumulators alone,
and a coverage that is undone keeps them until it is added again. Each of these, done twice, does what it does once.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import date

from edi.enrollment import (
    CoverageEnrollment,
    Maintenance,
    MemberEnrollment,
    find_day,
    group_of,
)
from rules.enrolling.problems import EnrollmentProblem, NotEnrolled
from rules.enrolling.spans import (
    DAY,
    Coverages,
    apart,
    covering,
    ended,
    in_force_ever,
    in_order,
    is_backwards,
    is_undone,
    reopen,
    replaced,
    undoes,
)
from rules.facts import Coverage, Priority

_BENEFIT_BEGIN, _BENEFIT_END = "348", "349"
_ELIGIBILITY_BEGIN, _ELIGIBILITY_END = "356", "357"
_EFFECTIVE = "303"
_FILE_EFFECTIVE = ("007", "303")
_WITHOUT_SUBSCRIBER = frozenset({"CHD", "DEP", "SPC", "SPO"})
"""HD05: children, dependents, spouse and children, spouse only."""
_TAKES_AWAY = frozenset({Maintenance.TERMINATION, Maintenance.DELETE, Maintenance.NOT_APPLICABLE})
_PRIORITIES = {
    frozenset({"P"}): Priority.SECONDARY,
    frozenset({"P", "S"}): Priority.TERTIARY,
    frozenset({"P", "T"}): Priority.SECONDARY,
    frozenset({"P", "S", "T"}): Priority.TERTIARY,
}
"""Our place by those of the other payers (COB01); the first where none of them is."""
_NOT_COORDINATED = "6"
"""COB03."""


@dataclass(frozen=True, slots=True)
class Ordered:
    """One HD with what is said around it."""

    coverage: CoverageEnrollment
    member: MemberEnrollment

    @property
    def begin(self) -> date | None:
        """The first day covered, where it is told as such."""
        return find_day(self.coverage.dates, _BENEFIT_BEGIN)

    @property
    def begin_or_effective(self) -> date | None:
        """The first day covered, told in whichever way."""
        return (
            self.begin
            or find_day(self.member.dates, _ELIGIBILITY_BEGIN)
            or find_day(self.coverage.dates, _EFFECTIVE)
            or effective_day(self.member)
        )

    @property
    def begin_again(self) -> date | None:
        """The first day covered after a reinstatement; None where it is not told: without a gap."""
        return self.begin or find_day(self.coverage.dates, _EFFECTIVE) or first_day_again(self.member)

    @property
    def end(self) -> date | None:
        """The last day covered, where it is told as such."""
        return find_day(self.coverage.dates, _BENEFIT_END) or last_day(self.member)

    @property
    def end_or_effective(self) -> date | None:
        """The last day covered, told in whichever way."""
        return self.end or find_day(self.coverage.dates, _EFFECTIVE) or effective_day(self.member)

    @property
    def group_number(self) -> str:
        """Of the coverage, else of the member, else of all in the set; empty when not told."""
        return group_of(self.member, self.coverage)

    @property
    def priority(self) -> Priority | None:
        """Which place the other payers leave to us; None when none is told of."""
        told = self.coverage.other_insurances
        if not told:
            return None
        others = frozenset(each.responsibility for each in told if each.coordination != _NOT_COORDINATED)
        return _PRIORITIES.get(others, Priority.PRIMARY)

    def refuse(self, problem: EnrollmentProblem) -> NotEnrolled:
        """The end of the work on this member, for a reason in this coverage."""
        return NotEnrolled(problem, self.coverage.position, "HD")


def effective_day(member: MemberEnrollment) -> date | None:
    """The day on which the maintenance of a member takes effect, or else that of the whole set."""
    return find_day(member.dates, _EFFECTIVE) or find_day(member.header.dates, *_FILE_EFFECTIVE)


def first_day_again(member: MemberEnrollment) -> date | None:
    """The first day of a member who is reinstated: 303 before 356, which may be the day of long ago."""
    return find_day(member.dates, _EFFECTIVE, _ELIGIBILITY_BEGIN)


def last_day(member: MemberEnrollment) -> date | None:
    """The last day on which a member is eligible."""
    return find_day(member.dates, _ELIGIBILITY_END)


def maintain(held: Coverages, ordered: Ordered, plans: Collection[str]) -> Coverages:
    """Do what one HD says.

    Args:
        held: what the person has, the earliest first.
        ordered: the HD.
        plans: the ids of all plans that are named in the set and exist.

    Raises:
        NotEnrolled: it cannot be done.
    """
    maintenance = ordered.coverage.maintenance
    if maintenance is Maintenance.CHANGE and ordered.member.header.action.holds_everybody:
        maintenance = Maintenance.AUDIT
    plan_id = _plan_id(held, ordered, plans, maintenance)
    if not plan_id or _leaves_out(held, ordered, plan_id, maintenance):
        return held
    if maintenance is not Maintenance.DELETE and is_backwards(ordered.begin, ordered.end):
        raise ordered.refuse(EnrollmentProblem.END_BEFORE_BEGIN)
    theirs = tuple([each for each in held if each.plan_id == plan_id])
    maintained = apart(_STEPS[maintenance](theirs, ordered, plan_id))
    if maintained == theirs:
        return held
    return in_order([*(each for each in held if each.plan_id != plan_id), *maintained])


def _plan_id(held: Coverages, ordered: Ordered, plans: Collection[str], maintenance: Maintenance) -> str:
    """The plan that is meant: HD04, else the only one that the person has of the insurance line (HD03).

    A coverage whose line was never told may be of any. Empty where nothing is to be done.
    """
    named, line = ordered.coverage.plan_code, ordered.coverage.insurance_line
    have = {each.plan_id for each in held}
    if maintenance is Maintenance.NOT_APPLICABLE:
        return ""
    if named:
        if named not in plans and named not in have:
            raise ordered.refuse(EnrollmentProblem.PLAN_UNKNOWN)
        return named
    of_line = {each.plan_id for each in held if each.insurance_line in ("", line)}
    if len(of_line) != 1 or maintenance is Maintenance.ADDITION:
        raise ordered.refuse(EnrollmentProblem.PLAN_NOT_NAMED)
    return of_line.pop()


def _leaves_out(held: Coverages, ordered: Ordered, plan_id: str, maintenance: Maintenance) -> bool:
    """Whether the coverage is for the others of the family only."""
    if not ordered.member.is_subscriber or ordered.coverage.level not in _WITHOUT_SUBSCRIBER:
        return False
    if maintenance in _TAKES_AWAY:
        return False
    if any(each.plan_id == plan_id for each in in_force_ever(held)):
        raise ordered.refuse(EnrollmentProblem.COVERAGE_LEAVES_OUT_SUBSCRIBER)
    return True


def _add(held: Coverages, ordered: Ordered, plan_id: str) -> Coverages:
    """Add a coverage, or bring the one that there is up to date: an addition never reopens what has ended."""
    begin = ordered.begin_or_effective
    if begin is None:
        raise ordered.refuse(EnrollmentProblem.BEGIN_MISSING)
    if is_backwards(begin, ordered.end):
        raise ordered.refuse(EnrollmentProblem.END_BEFORE_BEGIN)
    span = covering(held, begin)
    if span is not None:
        return replaced(held, span, _updated(span, ordered))
    end = ordered.end
    following = next((each for each in in_force_ever(held) if each.begin > begin), None)
    if following is not None and (end is None or end >= following.begin - DAY):
        return replaced(held, following, _updated(replace(following, begin=begin), ordered))
    undone = next((each for each in held if is_undone(each)), None)
    new = Coverage(plan_id, begin) if undone is None else replace(undone, begin=begin, end=None)
    return (*(each for each in held if each is not undone), _updated(new, ordered))


def _change(held: Coverages, ordered: Ordered, _plan_id: str) -> Coverages:
    """Change a coverage that there is: the one of the begin that is told, else the last."""
    begin = ordered.begin
    real = in_force_ever(held)
    if not real:
        raise ordered.refuse(EnrollmentProblem.COVERAGE_NOT_HELD)
    if begin is None:
        return replaced(held, real[-1], _updated(real[-1], ordered))
    span = covering(held, begin)
    if span is None:
        span = next((each for each in real if each.begin > begin), None)
    if span is None:
        raise ordered.refuse(EnrollmentProblem.COVERAGE_NOT_HELD)
    return replaced(held, span, _updated(replace(span, begin=min(span.begin, begin)), ordered))


def _end(held: Coverages, ordered: Ordered, _plan_id: str) -> Coverages:
    """End the last coverage that had begun by then; a later one has been enrolled for by itself and stays."""
    end, real = ordered.end_or_effective, in_force_ever(held)
    if end is None:
        raise ordered.refuse(EnrollmentProblem.END_MISSING)
    if not real:
        raise ordered.refuse(EnrollmentProblem.COVERAGE_NOT_HELD)
    begun = [each for each in real if each.begin <= end]
    if not begun:
        raise ordered.refuse(EnrollmentProblem.END_BEFORE_BEGIN)
    return replaced(held, begun[-1], ended(begun[-1], end))


def _reinstate(held: Coverages, ordered: Ordered, _plan_id: str) -> Coverages:
    """Reopen the last coverage, or begin another one like it after a gap."""
    if not held:
        raise ordered.refuse(EnrollmentProblem.COVERAGE_NOT_HELD)
    begin, end = ordered.begin_again, ordered.end
    reopened = reopen(held, begin, end)
    if is_backwards(begin, end) or undoes(held, reopened):
        raise ordered.refuse(EnrollmentProblem.END_BEFORE_BEGIN)
    return reopened


def _delete(held: Coverages, ordered: Ordered, _plan_id: str) -> Coverages:
    """Undo a coverage, as though it had never been in force; one that there is not needs no undoing."""
    real = in_force_ever(held)
    if ordered.begin is None and len(real) > 1:
        raise ordered.refuse(EnrollmentProblem.BEGIN_MISSING)
    span = covering(held, ordered.begin) if ordered.begin else next(iter(real), None)
    return held if span is None else replaced(held, span, ended(span, span.begin - DAY))


_STEPS: dict[Maintenance, Callable[[Coverages, Ordered, str], Coverages]] = {
    Maintenance.ADDITION: _add,
    Maintenance.AUDIT: _add,
    Maintenance.CHANGE: _change,
    Maintenance.CORRECTION: _change,
    Maintenance.TERMINATION: _end,
    Maintenance.REINSTATEMENT: _reinstate,
    Maintenance.DELETE: _delete,
}
"""What is done to the person's coverages of one plan."""


def _updated(coverage: Coverage, ordered: Ordered) -> Coverage:
    """A coverage with what is told of it."""
    eligible = find_day(ordered.member.dates, _ELIGIBILITY_BEGIN) or coverage.eligibility_begin
    known = replace(
        coverage,
        insurance_line=ordered.coverage.insurance_line or coverage.insurance_line,
        group_number=ordered.group_number or coverage.group_number,
        priority=ordered.priority or coverage.priority,
        eligibility_begin=None if eligible == coverage.begin else eligible,
    )
    return known if ordered.end is None else _ending(known, ordered)


def _ending(coverage: Coverage, ordered: Ordered) -> Coverage:
    """A coverage with the end that is told."""
    end = ordered.end
    if end is None or end < coverage.begin:
        raise ordered.refuse(EnrollmentProblem.END_BEFORE_BEGIN)
    eligible = last_day(ordered.member)
    return replace(coverage, end=end, eligibility_end=None if eligible == end else eligible)
