"""Why a member of an 834 cannot be enrolled as it says, and where in the set that stands."""

from dataclasses import dataclass
from enum import StrEnum


class EnrollmentProblem(StrEnum):
    """What is wrong, each with the words in which it is told."""

    SUBSCRIBER_NOT_HELD = "nobody has this subscriber id, so there is nothing to change, end or reinstate"
    SUBSCRIBER_NOT_NAMED = "there is no subscriber id"
    SUBSCRIBER_AMBIGUOUS = "more than one contract has this subscriber id"
    CONTRACT_TAKEN = "the contract that this subscriber would get belongs to somebody else"
    ANOTHER_PERSON = "this subscriber id is held by somebody of another first name and birth date"
    DEPENDENT_WITHOUT_SUBSCRIBER = "a dependent, and the subscriber is neither held nor in this set"
    DEPENDENT_NOT_HELD = "the subscriber has no such dependent, so there is nothing to change, end or reinstate"
    DEPENDENT_AMBIGUOUS = "more than one dependent of the subscriber fits"
    RELATIONSHIP = "a dependent cannot be the subscriber"
    NAME_MISSING = "a new member needs a first and a last name"
    BIRTH_DATE_MISSING = "a new member needs a birth date"
    PLAN_UNKNOWN = "there is no such plan; load it first"
    PLAN_NOT_NAMED = (
        "the plan is not named, and what the member has does not tell which one is meant; "
        "a table of plan choices can say it by insurance line (HD03) and group"
    )
    COVERAGE_NOT_HELD = "the member does not have this coverage, so there is nothing to change, end or reinstate"
    COVERAGE_LEAVES_OUT_SUBSCRIBER = "this level leaves out the subscriber, who has the coverage: end it first"
    BEGIN_MISSING = "there is no day on which the coverage begins"
    END_MISSING = "there is no day on which the coverage ends"
    END_BEFORE_BEGIN = "the coverage would end before it begins; to undo it, delete it (002)"
    ENDED_EARLIER = "all coverages had ended before that day; name the coverage (HD) to move its end"
    NOTHING_TO_REINSTATE = "the member has never had a coverage"
    UNTELLABLE = "an id, number or day that no answer could tell"


_ELEMENTS = {
    EnrollmentProblem.SUBSCRIBER_NOT_HELD: "REF02",
    EnrollmentProblem.SUBSCRIBER_NOT_NAMED: "REF02",
    EnrollmentProblem.SUBSCRIBER_AMBIGUOUS: "REF02",
    EnrollmentProblem.CONTRACT_TAKEN: "REF02",
    EnrollmentProblem.ANOTHER_PERSON: "NM104",
    EnrollmentProblem.DEPENDENT_WITHOUT_SUBSCRIBER: "REF02",
    EnrollmentProblem.DEPENDENT_NOT_HELD: "NM104",
    EnrollmentProblem.DEPENDENT_AMBIGUOUS: "NM104",
    EnrollmentProblem.RELATIONSHIP: "INS02",
    EnrollmentProblem.NAME_MISSING: "NM104",
    EnrollmentProblem.BIRTH_DATE_MISSING: "DMG02",
    EnrollmentProblem.PLAN_UNKNOWN: "HD04",
    EnrollmentProblem.PLAN_NOT_NAMED: "HD04",
    EnrollmentProblem.COVERAGE_NOT_HELD: "HD04",
    EnrollmentProblem.COVERAGE_LEAVES_OUT_SUBSCRIBER: "HD05",
    EnrollmentProblem.BEGIN_MISSING: "DTP03",
    EnrollmentProblem.END_MISSING: "DTP03",
    EnrollmentProblem.END_BEFORE_BEGIN: "DTP03",
    EnrollmentProblem.ENDED_EARLIER: "DTP03",
    EnrollmentProblem.NOTHING_TO_REINSTATE: "INS03",
    EnrollmentProblem.UNTELLABLE: "INS",
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """A member who was passed over."""

    problem: EnrollmentProblem
    position: int
    """Of the segment that begins the loop in question, the ST being 1."""
    segment: str = "INS"
    """That segment: INS or HD."""

    @property
    def element(self) -> str:
        """Which element of that loop to look at, ``HD04``."""
        return _ELEMENTS[self.problem]


class NotEnrolled(Exception):  # noqa: N818 - says what became of the member
    """Ends the work on a member; `rules.enrolling.members.enroll` gives its refusal."""

    def __init__(self, problem: EnrollmentProblem, position: int, segment: str = "INS") -> None:
        super().__init__(problem.name)
        self.refusal = Refusal(problem, position, segment)
