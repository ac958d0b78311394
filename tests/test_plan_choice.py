"""Which plan a coverage of an 834 is of, by a table of the operator's."""

import pytest

from edi.enrollment import MemberEnrollment
from rules.enrolling.plan_choice import NO_CHOICES, read_plan_choices, with_plans
from tests.enrollment_support import enrollment_file, enrollment_set, read_members

TABLE = read_plan_choices(
    "# agreed with the sponsors\n"
    "plan\tHLT\t*\t-\tGOLD\n"
    "plan\tHLT\tG-2\t-\tSILVER\n"
    "plan\tDEN\t*\t*\tDENTAL\n"
    "plan\t*\t*\tTHE GOLDEN ONE\tGOLD\n"
)


def member(coverage: str, group: str = "", policy: str = "") -> MemberEnrollment:
    hd = coverage.replace("~", "~DTP*348*D8*20260401~", 1)
    says = f"INS*Y*18*021*20*A***FT~REF*0F*W900000001~{group}NM1*IL*1*VANE*BO~DMG*D8*19910704*F~{hd}"
    (read,) = read_members(enrollment_file(enrollment_set(says, header=policy)))
    return read


@pytest.mark.parametrize(
    ("coverage", "plan"),
    [
        ("HD*021**HLT~", "GOLD"),
        ("HD*021**HLT~REF*1L*G-2~", "SILVER"),
        ("HD*021**HLT~REF*1L*G-3~", "GOLD"),
        ("HD*021**HLT*SILVER~", "SILVER"),
        ("HD*021**DEN~", "DENTAL"),
        ("HD*021**DEN*LOW OPTION~", "DENTAL"),
        ("HD*021**DEN*THE GOLDEN ONE~", "GOLD"),
        ("HD*021**VIS~", ""),
        ("HD*021**VIS*EYES~", "EYES"),
    ],
)
def test_the_row_that_says_most_chooses_and_without_one_hd04_does(coverage: str, plan: str) -> None:
    (chosen,) = with_plans(member(coverage), TABLE).coverages
    assert chosen.plan_code == plan


@pytest.mark.parametrize(("group", "policy"), [("REF*1L*G-2~", ""), ("", "REF*38*G-2~")])
def test_the_group_is_that_of_the_member_or_of_all(group: str, policy: str) -> None:
    (chosen,) = with_plans(member("HD*021**HLT~", group, policy), TABLE).coverages
    assert chosen.plan_code == "SILVER"


def test_without_a_table_nothing_is_chosen() -> None:
    said = member("HD*021**HLT~")
    assert with_plans(said, NO_CHOICES) is said


@pytest.mark.parametrize(
    ("table", "line"),
    [
        ("plan\tHLT\t*\tGOLD\n", "line 1"),
        ("plan\tHLT\t*\t\tGOLD\n", "line 1"),
        ("# none\nplans\tHLT\t*\t-\tGOLD\n", "line 2"),
        ("plan\tHLT\t*\t-\tGOLD\nplan\tHLT\t*\t-\tSILVER\n", "line 2"),
    ],
)
def test_a_line_that_is_no_row_is_named(table: str, line: str) -> None:
    with pytest.raises(ValueError, match=line):
        read_plan_choices(table)
