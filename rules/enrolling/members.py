"""What an 834 makes of a contract: held contract and one member's enrollment -> contract, or why not (005010X220A1).

INS03 says what is to be done with the member, HD01 what with each coverage. What the 834 does not tell stays as it is:
accumulators, addresses, other payers, coverages not named. Nobody's coverage ends because a file leaves it out. The
same enrollment a second time changes nothing.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace

from edi.enrollment import Maintenance, MemberEnrollment
from rules.enrolling.coverages import Ordered, effective_day, first_day_again, last_day, maintain
from rules.enrolling.parties import primary_care_provider, with_other_payers
from rules.enrolling.persons import SUBSCRIBER_NUMBER, find_person, new_person, next_number, renewed
from rules.enrolling.problems import EnrollmentProblem, NotEnrolled, Refusal
from rules.enrolling.spans import all_begin_after, all_ended_before, end_all, is_backwards, reopen_last, undoes
from rules.facts import Contract, Person, UntellableFact
from rules.identifiers import normalize_member_id

_PRIOR_ID = "Q4"
"""REF01 of the subscriber id until now."""
_SELF = "18"


def subscriber_ids(member: MemberEnrollment) -> tuple[str, ...]:
    """The normalized ids by which the member's contract is to be looked up."""
    ids = (member.subscriber_id, member.reference(_PRIOR_ID) if member.is_subscriber else "")
    return tuple([normalize_member_id(each) for each in ids if normalize_member_id(each)])


def contract_id_of(member: MemberEnrollment) -> str:
    """The key of the contract that a new subscriber gets."""
    return f"834-{normalize_member_id(member.subscriber_id)}"


def find_contract(contracts: Iterable[Contract], member: MemberEnrollment) -> Contract | Refusal | None:
    """The contract of the subscriber who is named; None: there is none.

    Args:
        contracts: those that ``subscriber_ids`` led to, others perhaps.
        member: whose subscriber is looked for.
    """
    known = list(contracts)
    found: dict[str, Contract] = {}
    for wanted in subscriber_ids(member):
        present = [each for each in known if wanted == normalize_member_id(each.subscriber_id)]
        named = present or [each for each in known if wanted in _former_ids(each)]
        found |= {each.contract_id: each for each in named}
    if len(found) > 1:
        return Refusal(EnrollmentProblem.SUBSCRIBER_AMBIGUOUS, member.position)
    return next(iter(found.values()), None)


def enroll(held: Contract | None, member: MemberEnrollment, plans: Collection[str]) -> Contract | Refusal:
    """Do what the loop of one member says.

    Args:
        held: the contract of the member's subscriber; None: there is none.
        member: the subscriber or a dependent.
        plans: those of the plan ids in HD04 that there are.

    Returns:
        The contract as it is from now on, equal to ``held`` where nothing is new, or why nothing was done.
    """
    try:
        return _enroll(held, member, plans)
    except NotEnrolled as not_enrolled:
        return not_enrolled.refusal
    except UntellableFact:
        return Refusal(EnrollmentProblem.UNTELLABLE, member.position)


def _enroll(held: Contract | None, member: MemberEnrollment, plans: Collection[str]) -> Contract:
    if not normalize_member_id(member.subscriber_id):
        raise NotEnrolled(EnrollmentProblem.SUBSCRIBER_NOT_NAMED, member.position)
    if not member.is_subscriber and member.relationship == _SELF:
        raise NotEnrolled(EnrollmentProblem.RELATIONSHIP, member.position)
    known = None if held is None else find_person(held, member)
    contract, person = _known(held, known, member) if known and held else _new(held, member)
    for coverage in member.coverages:
        ordered = Ordered(coverage, member)
        person = replace(
            person,
            coverages=maintain(person.coverages, ordered, plans),
            primary_care_provider=primary_care_provider(person, ordered),
        )
        if coverage.other_insurances:
            contract = replace(contract, other_payers=with_other_payers(contract, person, ordered))
    contract = _with_person(contract, person)
    return _RULES[member.maintenance].then(contract, person, member)


def _known(held: Contract, person: Person, member: MemberEnrollment) -> tuple[Contract, Person]:
    """A person who is held, with what is told."""
    if _RULES[member.maintenance].renews:
        person = renewed(person, member)
    else:
        person = replace(person, death_date=member.death_date or person.death_date)
    return (_with_ids(held, member) if member.is_subscriber else held), person


def _new(held: Contract | None, member: MemberEnrollment) -> tuple[Contract, Person]:
    """A person who is not held, with a contract when it is a subscriber."""
    if held is None and not member.is_subscriber:
        raise NotEnrolled(EnrollmentProblem.DEPENDENT_WITHOUT_SUBSCRIBER, member.position)
    if not _may_be_new(member):
        missing = EnrollmentProblem.SUBSCRIBER_NOT_HELD if held is None else EnrollmentProblem.DEPENDENT_NOT_HELD
        raise NotEnrolled(missing, member.position)
    if held is None:
        person = new_person(member, SUBSCRIBER_NUMBER)
        return _with_ids(Contract(contract_id_of(member), member.subscriber_id, (person,)), member), person
    person = new_person(member, next_number(held))
    return replace(held, persons=(*held.persons, person)), person


def _may_be_new(member: MemberEnrollment) -> bool:
    in_full_file = member.maintenance is Maintenance.CHANGE and member.header.action.holds_everybody
    return _RULES[member.maintenance].may_be_new or in_full_file


def _with_ids(held: Contract, member: MemberEnrollment) -> Contract:
    """With the subscriber id that is told, unless it is one of earlier cards; the one until now is kept as such."""
    present, told = normalize_member_id(held.subscriber_id), normalize_member_id(member.subscriber_id)
    is_new = told != present and told not in _former_ids(held)
    subscriber_id = member.subscriber_id if is_new else held.subscriber_id
    earlier = (*held.former_ids, held.subscriber_id, member.reference(_PRIOR_ID))
    former = {normalize_member_id(each): each for each in reversed(earlier)}
    for other in ("", normalize_member_id(subscriber_id)):
        former.pop(other, None)
    return replace(held, subscriber_id=subscriber_id, former_ids=tuple(reversed(former.values())))


def _former_ids(contract: Contract) -> frozenset[str]:
    return frozenset(map(normalize_member_id, contract.former_ids))


def _with_person(contract: Contract, person: Person) -> Contract:
    persons = tuple([person if each.number == person.number else each for each in contract.persons])
    return replace(contract, persons=persons)


def _leave(contract: Contract, person: Person, member: MemberEnrollment) -> Contract:
    """End all coverages of a member who is not eligible any more, and with a subscriber's those of the dependents.

    Dependents are enrolled under their subscriber (005010X220A1 REF 0F) and have nothing without one: a sponsor need
    not name each of them to end a family's coverage. Where only coverages are named (HD) and no end of the eligibility
    (357), just those end, of this member alone.
    """
    end = last_day(member)
    if member.coverages and end is None:
        return contract
    end = end or effective_day(member)
    if end is None:
        raise NotEnrolled(EnrollmentProblem.END_MISSING, member.position)
    if not member.coverages:
        if all_begin_after(person.coverages, end):
            raise NotEnrolled(EnrollmentProblem.END_BEFORE_BEGIN, member.position)
        if all_ended_before(person.coverages, end):
            raise NotEnrolled(EnrollmentProblem.ENDED_EARLIER, member.position)
    leaving = contract.persons if member.is_subscriber else (person,)
    for each in leaving:
        contract = _with_person(contract, replace(each, coverages=end_all(each.coverages, end)))
    return contract


def _end_eligibility(contract: Contract, person: Person, member: MemberEnrollment) -> Contract:
    """End a member's coverages with the eligibility where that is told and no coverage is named."""
    end = last_day(member)
    if member.coverages or end is None:
        return contract
    if all_begin_after(person.coverages, end):
        raise NotEnrolled(EnrollmentProblem.END_BEFORE_BEGIN, member.position)
    return _with_person(contract, replace(person, coverages=end_all(person.coverages, end)))


def _return(contract: Contract, person: Person, member: MemberEnrollment) -> Contract:
    """Reopen what a member had last, where no coverage is named; dependents come back with loops of their own."""
    if member.coverages:
        return contract
    if not person.coverages:
        raise NotEnrolled(EnrollmentProblem.NOTHING_TO_REINSTATE, member.position)
    begin, end = first_day_again(member), last_day(member)
    reopened = reopen_last(person.coverages, begin, end)
    if is_backwards(begin, end) or undoes(person.coverages, reopened):
        raise NotEnrolled(EnrollmentProblem.END_BEFORE_BEGIN, member.position)
    return _with_person(contract, replace(person, coverages=reopened))


@dataclass(frozen=True, slots=True)
class _MemberRule:
    """What a maintenance type at INS03 means for the member."""

    may_be_new: bool = False
    """Whether somebody who is not held is taken in."""
    renews: bool = True
    """Whether names, addresses and the like are taken from it."""
    then: Callable[[Contract, Person, MemberEnrollment], Contract] = _end_eligibility
    """What is done after the coverages that are named."""


_RULES = {
    Maintenance.ADDITION: _MemberRule(may_be_new=True),
    Maintenance.CHANGE: _MemberRule(),
    Maintenance.TERMINATION: _MemberRule(renews=False, then=_leave),
    Maintenance.REINSTATEMENT: _MemberRule(then=_return),
    Maintenance.AUDIT: _MemberRule(may_be_new=True),
}
"""By INS03. In a full file a change may be somebody new as well."""
