"""Who in a contract a member of an 834 is, and what it tells of the person (005010X220A1 2100A and 2100B).

Nobody is taken for somebody else: a dependent is known by an own id, or by birth date and first name; where a birth
date and a first name both differ, it is another person.
"""

from collections.abc import Callable
from dataclasses import replace
from itertools import count

from edi.enrollment import MemberEnrollment, MemberName
from edi.services_review import PostalAddress
from rules.enrolling.problems import EnrollmentProblem, NotEnrolled
from rules.facts import Address, Contract, Person
from rules.identifiers import normalize_member_id
from rules.names import normalize_first_name, normalize_last_name

SUBSCRIBER_NUMBER = "01"
_SELF = "18"
_NO_GENDER = ("", "U")
_OWN_ID = "23"
"""REF01 of a member's own id, which the payer knows the member by. REF 17 is none: it is a reporting category of the
sponsor's, which many members share (005010X220A1 2000 REF)."""


def own_id_of(member: MemberEnrollment) -> str:
    """The member's own id; empty: has the subscriber's."""
    own_id = member.reference(_OWN_ID)
    return "" if normalize_member_id(own_id) in ("", normalize_member_id(member.subscriber_id)) else own_id


def find_person(contract: Contract, member: MemberEnrollment) -> Person | None:
    """The person of a contract who is meant; None: nobody, so that it is a new dependent.

    Raises:
        NotEnrolled: somebody else has this id, or more than one fits.
    """
    person = contract.subscriber if member.is_subscriber else _find_dependent(contract, member)
    if person is not None and _is_another(person, member):
        raise NotEnrolled(EnrollmentProblem.ANOTHER_PERSON, member.position)
    return person


def _find_dependent(contract: Contract, member: MemberEnrollment) -> Person | None:
    dependents = contract.persons[1:]
    for is_meant in _KNOWN_BY:
        found = [person for person in dependents if is_meant(person, member)]
        if len(found) > 1:
            raise NotEnrolled(EnrollmentProblem.DEPENDENT_AMBIGUOUS, member.position)
        if found:
            return found[0]
    return None


def _has_own_id(person: Person, member: MemberEnrollment) -> bool:
    own_id = own_id_of(member)
    return bool(own_id) and normalize_member_id(person.own_id) == normalize_member_id(own_id)


def _is_named(person: Person, member: MemberEnrollment) -> bool:
    return _agrees(person, member.name)


def _was_named(person: Person, member: MemberEnrollment) -> bool:
    """Whether the person has on file what loop 2100B says was wrong; what it leaves out was right."""
    former = member.former
    if former is None:
        return False
    first_name = former.first_name or member.name.first_name
    birth_date = former.birth_date or member.name.birth_date
    return _agrees(person, replace(former, first_name=first_name, birth_date=birth_date))


def _is_corrected(person: Person, member: MemberEnrollment) -> bool:
    """Whether all but one of last name, first name and birth date agrees, where the set corrects something."""
    name = member.name
    agreeing = (
        _same_last_name(person, name),
        _same_first_name(person, name),
        name.birth_date is not None and name.birth_date == person.birth_date,
    )
    return member.is_correction and member.former is None and sum(agreeing) == len(agreeing) - 1


_KNOWN_BY: tuple[Callable[[Person, MemberEnrollment], bool], ...] = (_has_own_id, _is_named, _was_named, _is_corrected)
"""How a dependent is known, the surest way first."""


def _agrees(person: Person, name: MemberName) -> bool:
    """Whether first name and birth date are the person's; without a birth date, first and last name."""
    if not _same_first_name(person, name):
        return False
    if name.birth_date is None:
        return _same_last_name(person, name)
    return name.birth_date == person.birth_date


def _same_first_name(person: Person, name: MemberName) -> bool:
    return normalize_first_name(person.first_name) == normalize_first_name(name.first_name)


def _same_last_name(person: Person, name: MemberName) -> bool:
    return normalize_last_name(person.last_name) == normalize_last_name(name.last_name)


def _is_another(person: Person, member: MemberEnrollment) -> bool:
    name = member.name
    if member.is_correction or not name.first_name or name.birth_date is None:
        return False
    return name.birth_date != person.birth_date and not _same_first_name(person, name)


def new_person(member: MemberEnrollment, number: str) -> Person:
    """A person who was not on file before, without coverage.

    Raises:
        NotEnrolled: something that every person has is not told.
    """
    name = member.name
    if not (name.last_name and name.first_name):
        raise NotEnrolled(EnrollmentProblem.NAME_MISSING, member.position)
    if name.birth_date is None:
        raise NotEnrolled(EnrollmentProblem.BIRTH_DATE_MISSING, member.position)
    relationship = _SELF if member.is_subscriber else member.relationship
    person = Person(number, name.last_name, name.first_name, name.birth_date, relationship=relationship)
    return renewed(person, member)


def next_number(contract: Contract) -> str:
    """The number of the next person of a contract."""
    taken = {person.number for person in contract.persons}
    numbers = (f"{number:02d}" for number in count(len(taken) + 1))
    return next(number for number in numbers if number not in taken)


def renewed(person: Person, member: MemberEnrollment) -> Person:
    """A person with what is told; what is not told stays, and a former last name is kept."""
    name = member.name
    return replace(
        person,
        last_name=name.last_name or person.last_name,
        first_name=name.first_name or person.first_name,
        middle_name=name.middle_name or person.middle_name,
        suffix=name.suffix or person.suffix,
        birth_date=name.birth_date or person.birth_date,
        gender=person.gender if name.gender in _NO_GENDER else name.gender,
        relationship=person.relationship if member.is_subscriber else member.relationship,
        address=address_of(member.address) or person.address,
        own_id=own_id_of(member) or person.own_id,
        former_last_names=_former_last_names(person, member),
        death_date=member.death_date or person.death_date,
    )


def _former_last_names(person: Person, member: MemberEnrollment) -> tuple[str, ...]:
    """Each by which the person was known, but for the present one."""
    present = normalize_last_name(member.name.last_name or person.last_name)
    incorrect = () if member.former is None else (member.former.last_name,)
    known = (*person.former_last_names, person.last_name, *incorrect)
    former = {normalize_last_name(name): name for name in reversed(known) if name}
    former.pop(present, None)
    return tuple([name for name in dict.fromkeys(known) if former.get(normalize_last_name(name)) == name])


def address_of(sent: PostalAddress) -> Address | None:
    """N3 and N4 as an address; None where none was sent."""
    if not sent.lines and not sent.place:
        return None
    city, state, postal_code = (*sent.place, "", "", "")[:3]
    return Address(sent.lines, city, state, postal_code)
