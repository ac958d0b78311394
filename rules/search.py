"""Who is meant: from an inquiry and the contracts that its search found to one person, or to what is wrong.

The search options are those of X12 005010X279A1 1.4.8, the comparison of names is CAQH CORE 258, the reject reasons are
CAQH CORE 259. Data beyond what a search needs break ties but are never demanded, and nobody is identified where two
persons fit.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from edi.aaa import FollowUpAction, Loop, RejectReason
from edi.eligibility import DateRange, EligibilityInquiry, Patient, Rejection
from rules.dates import patient_period
from rules.facts import Contract, PayerProfile, Person
from rules.identifiers import normalize_member_id
from rules.inquiry_faults import NAME_REASON, correctable, find_faults, find_missing, sent_member_id
from rules.names import normalize_first_name, normalize_last_name
from rules.search_keys import ById, ByName

_GENDER_REASON = {Loop.SUBSCRIBER: RejectReason.SUBSCRIBER_GENDER, Loop.DEPENDENT: RejectReason.PATIENT_GENDER}
_NOT_FOUND = {Loop.SUBSCRIBER: RejectReason.SUBSCRIBER_NOT_FOUND, Loop.DEPENDENT: RejectReason.PATIENT_NOT_FOUND}
_DUPLICATE = {Loop.SUBSCRIBER: RejectReason.DUPLICATE_SUBSCRIBER_ID, Loop.DEPENDENT: RejectReason.DUPLICATE_PATIENT_ID}
_GENDERS = ("F", "M")
_GROUP_NUMBER = "6P"
"""REF01."""


class Element(StrEnum):
    """What a person is compared by."""

    LAST_NAME = "last name"
    FIRST_NAME = "first name"
    BIRTH_DATE = "birth date"


_NAMES = frozenset({Element.LAST_NAME, Element.FIRST_NAME})


@dataclass(frozen=True, slots=True)
class Identified:
    """The one person who is meant."""

    contract: Contract
    person: Person
    matched_by: tuple[str, ...]
    """The names of the elements that were sent and agree; no values."""
    id_changed: bool
    """Whether the id sent is another than the one to use from now on."""
    name_changed: bool
    """Whether the name sent is spelled otherwise than the one on file."""

    @property
    def is_subscriber(self) -> bool:
        """Whether the person is answered for in loop 2100C: the subscriber, or a dependent with an id of its own."""
        return _has_own_place(self.contract, self.person)


@dataclass(frozen=True, slots=True)
class _Candidate:
    contract: Contract
    person: Person
    differs: frozenset[Element]


def searches(inquiry: EligibilityInquiry) -> tuple[ById | ByName, ...]:
    """What to look up: by the id sent, else by the patient's name and birth date; nothing when there is neither."""
    member_id = sent_member_id(inquiry)
    if member_id:
        return (ById(member_id),)
    last_name = normalize_last_name(inquiry.patient.last_name)
    if last_name and inquiry.patient.birth_date is not None:
        return (ByName(inquiry.patient.birth_date, last_name),)
    return ()


def identify(
    inquiry: EligibilityInquiry, contracts: Iterable[Contract], today: date, profile: PayerProfile
) -> Identified | tuple[Rejection, ...]:
    """Find the one person who is meant among the contracts that ``searches`` led to.

    Args:
        contracts: what was found; each is held against the inquiry again, so that a wrong one cannot be answered from.
        today: the payer's calendar date.

    Returns:
        The person, or every error that stands in the way, at least one, each in its own loop.
    """
    faults = find_faults(inquiry, today, profile)
    missing = find_missing(inquiry, profile)
    if missing:
        return tuple(dict.fromkeys(faults + missing))
    found = _find(inquiry, contracts, profile)
    if isinstance(found, tuple):
        return tuple(dict.fromkeys(faults + found))
    conflicts = _conflicts(inquiry, found, today, profile)
    return tuple(dict.fromkeys(faults + conflicts)) or _identified(inquiry, found)


def _find(
    inquiry: EligibilityInquiry, contracts: Iterable[Contract], profile: PayerProfile
) -> _Candidate | tuple[Rejection, ...]:
    """The one candidate that agrees with everything compared, or why there is none."""
    loop = inquiry.patient_loop
    by_id = bool(sent_member_id(inquiry))
    unique = {contract.contract_id: contract for contract in contracts}.values()
    candidates = [
        _Candidate(contract, person, _differences(inquiry.patient, person))
        for contract in unique
        for person in _eligible_persons(inquiry, contract)
    ]
    if not candidates:
        not_found = Loop.SUBSCRIBER if by_id else loop
        return (correctable(not_found, _NOT_FOUND[not_found]),)
    compared = frozenset(Element) if profile.matches_names or not by_id else frozenset({Element.BIRTH_DATE})
    exact = [candidate for candidate in candidates if not candidate.differs & compared]
    if not exact:
        return _explain(inquiry, candidates, compared) if by_id else (correctable(loop, _NOT_FOUND[loop]),)
    best = _break_ties(inquiry, exact)
    return best[0] if len(best) == 1 else (_ambiguous(inquiry),)


def _eligible_persons(inquiry: EligibilityInquiry, contract: Contract) -> list[Person]:
    """The persons of a contract whom the id sent, or its absence, allows to be meant."""
    member_id = sent_member_id(inquiry)
    as_dependent = inquiry.dependent is not None
    if not member_id:
        return [person for person in contract.persons if as_dependent or _has_own_place(contract, person)]
    is_family_id = _is_family_id(contract, member_id)
    return [
        person
        for person in contract.persons
        if normalize_member_id(person.own_id) == member_id
        or (is_family_id and (as_dependent or person is contract.subscriber))
    ]


def _is_family_id(contract: Contract, member_id: str) -> bool:
    return any(
        normalize_member_id(identifier) == member_id for identifier in (contract.subscriber_id, *contract.former_ids)
    )


def _has_own_place(contract: Contract, person: Person) -> bool:
    return person is contract.subscriber or bool(person.own_id)


def _differences(patient: Patient, person: Person) -> frozenset[Element]:
    """Which of the elements sent are not the person's."""
    differs = []
    last_name, first_name = normalize_last_name(patient.last_name), normalize_first_name(patient.first_name)
    if last_name and last_name not in map(normalize_last_name, (person.last_name, *person.former_last_names)):
        differs.append(Element.LAST_NAME)
    if first_name and first_name != normalize_first_name(person.first_name):
        differs.append(Element.FIRST_NAME)
    if patient.birth_date is not None and patient.birth_date != person.birth_date:
        differs.append(Element.BIRTH_DATE)
    return frozenset(differs)


def _explain(
    inquiry: EligibilityInquiry, candidates: list[_Candidate], compared: frozenset[Element]
) -> tuple[Rejection, ...]:
    """What does not agree with the id, where that can be said without guessing who was meant."""
    loop = inquiry.patient_loop
    is_one_of_family = inquiry.dependent is not None
    if is_one_of_family:
        candidates = [candidate for candidate in candidates if candidate.person is not candidate.contract.subscriber]
    if is_one_of_family or len(candidates) > 1:
        candidates = [candidate for candidate in candidates if len(candidate.differs & compared) == 1]
    if len(candidates) == 1:
        return _element_errors(loop, candidates[0].differs & compared)
    return (correctable(loop, _NOT_FOUND[loop]),)


def _element_errors(loop: Loop, differs: frozenset[Element]) -> tuple[Rejection, ...]:
    errors = []
    if differs & _NAMES:
        errors.append(correctable(loop, NAME_REASON[loop]))
    if Element.BIRTH_DATE in differs:
        errors.append(correctable(loop, RejectReason.BIRTH_DATE_DIFFERS))
    return tuple(errors)


def _break_ties(inquiry: EligibilityInquiry, candidates: list[_Candidate]) -> list[_Candidate]:
    """Those that agree with more of what was sent; all of them where nothing sent tells them apart."""
    for agrees in _TIE_BREAKERS:
        if len(candidates) == 1:
            break
        candidates = [candidate for candidate in candidates if agrees(inquiry, candidate)] or candidates
    return candidates


def _names_agree(_: EligibilityInquiry, candidate: _Candidate) -> bool:
    return not candidate.differs & _NAMES


def _gender_agrees(inquiry: EligibilityInquiry, candidate: _Candidate) -> bool:
    return bool(inquiry.patient.gender) and inquiry.patient.gender == candidate.person.gender


def _middle_name_agrees(inquiry: EligibilityInquiry, candidate: _Candidate) -> bool:
    sent = normalize_first_name(inquiry.patient.middle_name)
    return bool(sent) and normalize_first_name(candidate.person.middle_name).startswith(sent[0])


def _suffix_agrees(inquiry: EligibilityInquiry, candidate: _Candidate) -> bool:
    sent = normalize_first_name(inquiry.patient.suffix)
    return bool(sent) and sent == normalize_first_name(candidate.person.suffix)


def _group_agrees(inquiry: EligibilityInquiry, candidate: _Candidate) -> bool:
    return _belongs_to(_groups_sent(inquiry), candidate.person)


def _subscriber_agrees(inquiry: EligibilityInquiry, candidate: _Candidate) -> bool:
    return not _differences(inquiry.subscriber, candidate.contract.subscriber)


_TIE_BREAKERS: tuple[Callable[[EligibilityInquiry, _Candidate], bool], ...] = (
    _names_agree,
    _gender_agrees,
    _middle_name_agrees,
    _suffix_agrees,
    _group_agrees,
    _subscriber_agrees,
)


def _groups_sent(inquiry: EligibilityInquiry) -> frozenset[str]:
    references = inquiry.subscriber.references + (() if inquiry.dependent is None else inquiry.dependent.references)
    return frozenset(
        normalize_member_id(reference.value) for reference in references if reference.qualifier == _GROUP_NUMBER
    )


def _belongs_to(groups: frozenset[str], person: Person) -> bool:
    return any(normalize_member_id(coverage.group_number) in groups for coverage in person.coverages)


def _ambiguous(inquiry: EligibilityInquiry) -> Rejection:
    """More than one person fits: what was not sent could tell them apart, or else the payer's file is at fault."""
    patient, loop = inquiry.patient, inquiry.patient_loop
    is_complete = sent_member_id(inquiry) and patient.last_name and patient.first_name and patient.birth_date
    return correctable(loop, _DUPLICATE[loop] if is_complete else RejectReason.DATA_MISSING)


def _conflicts(
    inquiry: EligibilityInquiry, candidate: _Candidate, today: date, profile: PayerProfile
) -> tuple[Rejection, ...]:
    """What speaks against answering although the person is found."""
    patient, person, loop = inquiry.patient, candidate.person, inquiry.patient_loop
    period = patient_period(inquiry, today)
    conflicts = []
    if profile.checks_gender and {patient.gender, person.gender} == set(_GENDERS):
        conflicts.append(correctable(loop, _GENDER_REASON[loop]))
    if period is not None and (conflict := refuse_lifetime(loop, person, period)):
        conflicts.append(conflict)
    groups = _groups_sent(inquiry) if profile.checks_group else frozenset()
    if groups and not _belongs_to(groups, person):
        conflicts.append(correctable(Loop.SUBSCRIBER, RejectReason.NOT_IN_GROUP))
    return tuple(conflicts)


def refuse_lifetime(loop: Loop, person: Person, period: DateRange) -> Rejection | None:
    """Refuse days all of which lie before a person's birth, or after the death."""
    if person.birth_date > period.last:
        return correctable(loop, RejectReason.BIRTH_DATE_AFTER_SERVICE)
    if person.death_date is not None and period.first > person.death_date:
        return Rejection(loop, RejectReason.DEATH_BEFORE_SERVICE, FollowUpAction.DO_NOT_RESEND)
    return None


def _identified(inquiry: EligibilityInquiry, candidate: _Candidate) -> Identified:
    patient, contract, person = inquiry.patient, candidate.contract, candidate.person
    member_id = sent_member_id(inquiry)
    current = normalize_member_id(person.own_id or contract.subscriber_id)
    elements = (
        ("member id", member_id),
        (Element.LAST_NAME, patient.last_name),
        (Element.FIRST_NAME, patient.first_name),
        (Element.BIRTH_DATE, patient.birth_date),
    )
    return Identified(
        contract=contract,
        person=person,
        matched_by=tuple([name for name, value in elements if value and name not in candidate.differs]),
        id_changed=bool(member_id) and member_id != current,
        name_changed=_spelled_otherwise(patient.last_name, person.last_name)
        or _spelled_otherwise(patient.first_name, person.first_name),
    )


def _spelled_otherwise(sent: str, on_file: str) -> bool:
    return bool(sent) and sent.strip().upper() != on_file.upper()
