"""Whom else an 834 names for a member: other payers (loop 2320) and the primary care provider (loop 2310)."""

from collections.abc import Iterator
from dataclasses import replace

from edi.enrollment import CareProvider, OtherInsurance, find_day, find_reference
from rules.enrolling.coverages import Ordered
from rules.enrolling.persons import address_of
from rules.facts import Contact, Contract, OtherPayer, Person, PrimaryCareProvider, Priority

_PRIORITIES = {"P": Priority.PRIMARY, "S": Priority.SECONDARY, "T": Priority.TERTIARY}
"""COB01; of one whose place is unknown nothing can be told."""
_NOT_COORDINATED = "6"
"""COB03."""
_BEGIN, _END = "344", "345"
_GROUP = "6P"
_PRIMARY_CARE = "P3"
"""NM101."""
_TOLD_QUALIFIERS = frozenset({"FI", "NI", "SV", "XV", "XX"})
"""NM108 of identifiers that are told on; not a social security number."""
_PHONE_LENGTH = 10

OtherPayers = tuple[OtherPayer, ...]


def primary_care_provider(person: Person, ordered: Ordered) -> PrimaryCareProvider | None:
    """The doctor of a person after one HD: the one it names, else the one on file."""
    held = person.primary_care_provider
    for provider in ordered.coverage.providers:
        begin = provider.changed or ordered.begin_or_effective
        if provider.entity_code == _PRIMARY_CARE and provider.name and begin is not None:
            contact = _contact(provider)
            if held is None or held.contact != contact:
                held = PrimaryCareProvider(contact, begin)
    return held


def with_other_payers(contract: Contract, person: Person, ordered: Ordered) -> OtherPayers:
    """The other payers of a contract after one HD of one of its persons."""
    held = contract.other_payers
    family = tuple([each.number for each in contract.persons])
    for told in _other_payers(person, ordered):
        held = _merged(held, told, person.number, family)
    return held


def _other_payers(person: Person, ordered: Ordered) -> Iterator[OtherPayer]:
    """Those that an HD tells enough of: who it is, and in which place it pays since when."""
    for told in ordered.coverage.other_insurances:
        priority = _PRIORITIES.get(told.responsibility)
        begin = find_day(told.dates, _BEGIN) or ordered.begin_or_effective
        if priority is not None and begin is not None and told.name and told.coordination != _NOT_COORDINATED:
            yield OtherPayer(
                payer=_contact(told),
                priority=priority,
                begin=begin,
                end=find_day(told.dates, _END),
                member_id=told.policy_number,
                group_number=find_reference(told.references, _GROUP),
                persons=(person.number,),
            )


def _merged(held: OtherPayers, told: OtherPayer, number: str, family: tuple[str, ...]) -> OtherPayers:
    """With one payer of one person, who may share what is on file of it with others of the family."""
    known = next((each for each in held if _covers(each, number) and _is_same(each.payer, told.payer)), None)
    if known is not None:
        told = replace(told, insurance_type=known.insurance_type)
        if replace(told, persons=known.persons) == known:
            return held
        remaining = tuple([each for each in known.persons or family if each != number])
        rest = (replace(known, persons=remaining),) if remaining else ()
        held = tuple([kept for each in held for kept in (rest if each is known else (each,))])
    shared = next((each for each in held if replace(each, persons=told.persons) == told), None)
    if shared is not None:
        told = replace(shared, persons=tuple(sorted({*shared.persons, number})))
    return tuple(sorted([*(each for each in held if each is not shared), told], key=_order))


def _order(other: OtherPayer) -> tuple[str, ...]:
    return (other.priority, other.payer.name, other.payer.identifier, other.member_id, other.group_number)


def _covers(other: OtherPayer, number: str) -> bool:
    return not other.persons or number in other.persons


def _is_same(one: Contact, other: Contact) -> bool:
    if one.identifier and other.identifier:
        return (one.identifier_qualifier, one.identifier) == (other.identifier_qualifier, other.identifier)
    return one.name == other.name


def _contact(told: CareProvider | OtherInsurance) -> Contact:
    is_told = bool(told.identifier) and told.identifier_qualifier in _TOLD_QUALIFIERS
    return Contact(
        name=told.name,
        first_name=told.first_name if isinstance(told, CareProvider) else "",
        identifier_qualifier=told.identifier_qualifier if is_told else "",
        identifier=told.identifier if is_told else "",
        phone=told.phone if len(told.phone) == _PHONE_LENGTH else "",
        address=address_of(told.address),
    )
