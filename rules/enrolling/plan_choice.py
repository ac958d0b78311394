"""Which plan a coverage of an 834 is of, where HD04 is no plan's id: a table of the operator's.

HD04 is free text, and may be missing: many sponsors say by the insurance line (HD03) and the group (REF 1L) what is
meant, as they have agreed with the payer (005010X220A1 2300 HD). A line of the table for each agreement, tabs between
its columns, ``#`` comments:

    plan	HLT	*	-	GOLD
    plan	HLT	G-100	-	SILVER
    plan	DEN	*	*	DENTAL

HD03; group; HD04, ``-`` where it is not sent; the plan's id. ``*`` is whatever there is. Of several rows that fit, one
that names the HD04 goes before one that does not, then one that names the group, then the line. Where none fits, HD04
is the plan's id.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import product
from types import MappingProxyType

from edi.enrollment import CoverageEnrollment, MemberEnrollment, group_of
from edi.operators_tables import OperatorsTable

_ANY = "*"
_NOT_SENT = "-"


@dataclass(frozen=True, slots=True)
class PlanChoices:
    """The table."""

    rows: Mapping[tuple[str, str, str], str]
    """Plan id by HD04, group and HD03."""

    def plan_id(self, member: MemberEnrollment, coverage: CoverageEnrollment) -> str:
        """The plan that is meant; empty where nothing names one."""
        named = coverage.plan_code or _NOT_SENT
        group = group_of(member, coverage)
        for row in product((named, _ANY), (group, _ANY), (coverage.insurance_line, _ANY)):
            if row in self.rows:
                return self.rows[row]
        return coverage.plan_code


def read_plan_choices(text: str) -> PlanChoices:
    """Read the table.

    Raises:
        ValueError: a line is no row, or is there twice; says which.
    """
    rows: dict[tuple[str, str, str], str] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        match line.split("\t"):
            case ["plan", insurance_line, group, named, plan_id] if all((insurance_line, group, named, plan_id)):
                row = named, group, insurance_line
                if row in rows:
                    raise ValueError(f"line {number}: the same line, group and HD04 are there twice")
                rows[row] = plan_id
            case [first, *_] if first and not first.startswith("#"):
                raise ValueError(f"line {number}: expected plan, HD03, group, HD04 and a plan's id, tabs between")
    return PlanChoices(MappingProxyType(rows))


def with_plans(member: MemberEnrollment, choices: PlanChoices) -> MemberEnrollment:
    """The member with each coverage under the id of the plan that is meant; the same object where HD04 has them."""
    if not choices.rows:
        return member
    coverages = tuple([replace(each, plan_code=choices.plan_id(member, each)) for each in member.coverages])
    return member if coverages == member.coverages else replace(member, coverages=coverages)


NO_CHOICES = PlanChoices(MappingProxyType({}))
PLAN_CHOICES = OperatorsTable(lambda: NO_CHOICES)
"""By which this process enrolls; without an operator's table, by HD04 alone."""
