"""The persons in an answer: as the payer knows them once identified, as they were asked for until then."""

from edi.aaa import Loop
from edi.eligibility import EligibilityAnswer, EligibilityInquiry, Member, Patient, Reference, Rejection
from rules.facts import Address, Contract, Person
from rules.search import Identified

_ACCOUNT_NUMBER = "EJ"
"""REF01 of the asker's own number for the patient, which is always returned."""
_OUTER_LOOPS = (Loop.SOURCE_LEVEL, Loop.SOURCE, Loop.RECEIVER)


def reject(inquiry: EligibilityInquiry, rejections: tuple[Rejection, ...]) -> EligibilityAnswer:
    """The answer to an inquiry that is refused: what was submitted, with every error in its loop (CAQH CORE 259).

    Nothing on file is told. Above the loops of the patient a rejection ends the answer there; a dependent is told of
    when an error is the dependent's.
    """
    loops = {rejection.loop for rejection in rejections}
    if not loops.isdisjoint(_OUTER_LOOPS):
        return EligibilityAnswer(inquiry, rejections)
    tells_dependent = inquiry.dependent is not None and loops != {Loop.SUBSCRIBER}
    return EligibilityAnswer(
        inquiry,
        rejections,
        subscriber=_as_submitted(inquiry.subscriber),
        dependent=_as_submitted(inquiry.dependent) if inquiry.dependent is not None and tells_dependent else None,
    )


def _as_submitted(patient: Patient) -> Member:
    """The submitted data; not a birth date that no calendar has, with which the answer would break its own guide."""
    return Member(
        last_name=patient.last_name,
        first_name=patient.first_name,
        middle_name=patient.middle_name,
        suffix=patient.suffix,
        member_id=patient.member_id,
        birth_date=patient.birth_date,
        gender=patient.gender,
        references=patient.references,
        relationship=patient.relationship,
    )


def tell_members(inquiry: EligibilityInquiry, identified: Identified) -> tuple[Member, Member | None]:
    """The subscriber and, where the patient is answered for in loop 2100D, the dependent.

    Of a subscriber who is not the patient only name and id are told.
    """
    contract, person = identified.contract, identified.person
    references = _account_numbers(inquiry.patient)
    if identified.is_subscriber:
        changed = identified.id_changed or identified.name_changed
        return _on_file(person, person.own_id or contract.subscriber_id, references, "", changed=changed), None
    dependent = _on_file(person, "", references, person.relationship, changed=identified.name_changed)
    return _holder(contract, _account_numbers(inquiry.subscriber), changed=identified.id_changed), dependent


def _account_numbers(patient: Patient) -> tuple[Reference, ...]:
    return tuple([reference for reference in patient.references if reference.qualifier == _ACCOUNT_NUMBER])


def _holder(contract: Contract, references: tuple[Reference, ...], *, changed: bool) -> Member:
    subscriber = contract.subscriber
    return Member(
        last_name=subscriber.last_name,
        first_name=subscriber.first_name,
        middle_name=subscriber.middle_name,
        suffix=subscriber.suffix,
        member_id=contract.subscriber_id,
        references=references,
        changed=changed,
    )


def _on_file(
    person: Person, member_id: str, references: tuple[Reference, ...], relationship: str, *, changed: bool
) -> Member:
    return Member(
        last_name=person.last_name,
        first_name=person.first_name,
        middle_name=person.middle_name,
        suffix=person.suffix,
        member_id=member_id,
        birth_date=person.birth_date,
        gender=person.gender,
        address=tell_address(person.address),
        references=references,
        relationship=relationship,
        changed=changed,
    )


def tell_address(address: Address | None) -> tuple[str, ...]:
    """Street lines of N3, then city, state and postal code of N4; empty where no street is known."""
    if address is None or not address.lines:
        return ()
    return (*address.lines[:2], address.city, address.state, address.postal_code)
