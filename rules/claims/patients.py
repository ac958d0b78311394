"""Whose claim is meant: from an inquiry and the contracts of its member id to one person, or to an obstacle."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from edi.claim_status import ClaimInquiry, ClaimPatient
from edi.eligibility import DateRange
from rules.claims.obstacles import Obstacle
from rules.facts import Contract, Person, Priority
from rules.facts.claim_profile import ClaimStatusProfile
from rules.facts.claims import Claim
from rules.identifiers import normalize_member_id
from rules.names import normalize_first_name, normalize_last_name
from rules.search_keys import ById

_EMPLOYER = "24"
"""NM108 of a subscriber that is an employer, as in workers' compensation; it is nobody's member id."""


@dataclass(frozen=True, slots=True)
class Patient:
    """The one person whose claim is meant."""

    contract: Contract
    person: Person

    @property
    def member_ids(self) -> tuple[str, ...]:
        """Normalized: every id, present or former, under which a claim of the contract may have been made."""
        own = (self.person.own_id,) if self.person.own_id else ()
        ids = (self.contract.subscriber_id, *self.contract.former_ids, *own)
        return tuple(dict.fromkeys(map(normalize_member_id, ids)))

    def has(self, claim: Claim) -> bool:
        """Whether the claim is this person's."""
        return (
            claim.patient_number == self.person.number and normalize_member_id(claim.subscriber_id) in self.member_ids
        )

    def pays_elsewhere_first(self, days: DateRange) -> bool:
        """Whether another payer pays first for this person on the first of these days."""
        return any(
            other.priority is Priority.PRIMARY
            and other.begin <= days.first
            and (other.end is None or days.first <= other.end)
            and (not other.persons or self.person.number in other.persons)
            for other in self.contract.other_payers
        )


def member_searches(inquiry: ClaimInquiry) -> tuple[ById, ...]:
    """What to look up: the contracts of the member id of loop 2100D; nothing where there is none."""
    subscriber = inquiry.subscriber
    member_id = normalize_member_id(subscriber.identifier)
    return (ById(member_id),) if member_id and subscriber.identifier_qualifier != _EMPLOYER else ()


def identify_patient(
    inquiry: ClaimInquiry, contracts: Iterable[Contract], profile: ClaimStatusProfile
) -> Patient | Obstacle:
    """Find the one person whose claim is meant among the contracts that ``member_searches`` led to.

    Args:
        contracts: what was found; each is held against the inquiry again, so that a wrong one cannot be answered from.
    """
    unique = {contract.contract_id: contract for contract in contracts}.values()
    holders = [Patient(contract, person) for contract in unique for person in _holders(inquiry.subscriber, contract)]
    if not holders:
        return Obstacle.SUBSCRIBER_NOT_FOUND
    holders = [holder for holder in holders if _named(inquiry.subscriber, holder.person, profile)]
    if not holders:
        return Obstacle.SUBSCRIBER_NAME
    holders = [holder for holder in holders if _born(inquiry.subscriber.birth_date, holder.person)]
    if not holders:
        return Obstacle.SUBSCRIBER_BIRTH_DATE
    if inquiry.dependent is None:
        return holders[0] if len(holders) == 1 else Obstacle.SUBSCRIBER_NOT_FOUND
    return _dependent(inquiry.dependent, holders, profile)


def _holders(subscriber: ClaimPatient, contract: Contract) -> list[Person]:
    """The persons of a contract whom the member id makes the subscriber of loop 2100D."""
    sent = normalize_member_id(subscriber.identifier)
    family_ids = map(normalize_member_id, (contract.subscriber_id, *contract.former_ids))
    persons = [person for person in contract.persons[1:] if sent and normalize_member_id(person.own_id) == sent]
    return [contract.subscriber, *persons] if sent and sent in family_ids else persons


def _dependent(dependent: ClaimPatient, holders: list[Patient], profile: ClaimStatusProfile) -> Patient | Obstacle:
    """The dependent by birth date and name; of twins the first name tells which."""
    contracts = {holder.contract.contract_id: holder.contract for holder in holders}.values()
    fits = [
        Patient(contract, person)
        for contract in contracts
        for person in contract.persons[1:]
        if _born(dependent.birth_date, person) and _named(dependent, person, profile)
    ]
    first_name = normalize_first_name(dependent.first_name)
    same = [patient for patient in fits if normalize_first_name(patient.person.first_name) == first_name]
    best = same if same or profile.matches_names else fits
    return best[0] if len(best) == 1 else Obstacle.PATIENT_NOT_UNDER_SUBSCRIBER


def _named(sent: ClaimPatient, person: Person, profile: ClaimStatusProfile) -> bool:
    """Whether the last name sent is the person's, present or former."""
    if not profile.matches_names:
        return True
    names = map(normalize_last_name, (person.last_name, *person.former_last_names))
    return normalize_last_name(sent.last_name) in names


def _born(sent: date | None, person: Person) -> bool:
    return sent is None or sent == person.birth_date
