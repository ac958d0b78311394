"""By what a contract is found: the keys under which a store files it and an inquiry asks for it."""

from dataclasses import dataclass, field
from datetime import date

from rules.facts import Contract
from rules.identifiers import normalize_member_id
from rules.names import normalize_last_name


@dataclass(frozen=True, slots=True)
class ById:
    """Look up the contracts that a member id belongs to."""

    member_id: str = field(repr=False)
    """Normalized."""


@dataclass(frozen=True, slots=True)
class ByName:
    """Look up the contracts with a person of this last name who was born on this day."""

    birth_date: date = field(repr=False)
    last_name: str = field(repr=False)
    """Normalized."""


def filed_under(contract: Contract) -> frozenset[ById | ByName]:
    """Every key by which a contract has to be found: present and former ids and names of all its persons."""
    ids = {contract.subscriber_id, *contract.former_ids, *(person.own_id for person in contract.persons)}
    names = {
        (person.birth_date, last_name)
        for person in contract.persons
        for last_name in (person.last_name, *person.former_last_names)
    }
    return frozenset(
        [ById(normalize_member_id(identifier)) for identifier in ids if identifier]
        + [ByName(birth_date, normalize_last_name(last_name)) for birth_date, last_name in names]
    )
