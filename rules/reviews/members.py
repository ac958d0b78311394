"""Who asks for a review and who the patient is: the eligibility rules, told in the loops of the 278."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime

from edi.aaa import Loop, RejectReason
from edi.eligibility import (
    DateRange,
    EligibilityInquiry,
    Member,
    Party,
    Patient,
    Rejection,
    ServiceInquiry,
)
from edi.services_review import ReviewRequest
from edi.services_review_answer import ReviewRejection
from edi.services_review_codes import ReviewLoop
from rules.entitlement import Permitted, permit
from rules.facts import Contract, Entitlement, Function, PayerProfile, Provider
from rules.members import tell_members
from rules.search import Identified, identify

_LOOPS = {
    Loop.RECEIVER: ReviewLoop.REQUESTER,
    Loop.SUBSCRIBER: ReviewLoop.SUBSCRIBER,
    Loop.DEPENDENT: ReviewLoop.DEPENDENT,
}
_REASONS = {
    RejectReason.BIRTH_DATE_AFTER_SERVICE: RejectReason.BIRTH_DATE,
    RejectReason.PAYER_ID_MISSING: RejectReason.PARTICIPANT_ID,
}
"""Reasons that the 278 does not have in that loop, and the nearest that it has."""
_QUALIFIERS = {"24": "FI"}
"""NM108 of the 278 and of the provider file: the employer's number is the tax id."""
_RELATIONSHIPS = frozenset({"18", "01", "19", "20", "21", "39", "40", "53", "G8"})
_OTHER_RELATIONSHIP = "G8"
"""INS02."""


def as_inquiry(request: ReviewRequest, today: date) -> EligibilityInquiry:
    """The request as though it asked about eligibility, so that the patient is looked for in the same way.

    The days belong to the service, because a review may be asked for long before or after: the 270's window and
    lifetime checks at the patient are not the 278's.
    """
    period = next((event.period for event in request.events if event.period is not None), None)
    return EligibilityInquiry(
        source=request.source.party,
        receiver=requester_of(request),
        receiver_references=(),
        subscriber=request.subscriber.patient,
        dependent=None if request.dependent is None else request.dependent.patient,
        traces=(),
        services=(ServiceInquiry(dates=period or DateRange(today, today)),),
        reference=request.reference,
    )


def requester_of(request: ReviewRequest) -> Party:
    """The requester under the qualifiers that the provider file has."""
    party = request.requester.party
    qualifier = party.identifier_qualifier
    return replace(party, identifier_qualifier=_QUALIFIERS.get(qualifier, qualifier))


def permit_requester(
    request: ReviewRequest, provider: Provider | None, entitlements: Iterable[Entitlement], moment: datetime
) -> Permitted | ReviewRejection:
    """Whether the submitter may ask for precertification for the provider of loop 2010B at ``moment``.

    Args:
        provider: whom ``requester_of`` is; None: nobody.
        entitlements: those of the submitter.
    """
    verdict = permit(requester_of(request), provider, entitlements, Function.PRECERTIFICATION, moment)
    return verdict if isinstance(verdict, Permitted) else _in_our_loop(verdict)


def identify_patient(
    request: ReviewRequest, contracts: Iterable[Contract], today: date, profile: PayerProfile
) -> Identified | tuple[ReviewRejection, ...]:
    """Find the one person who is meant, or every error that stands in the way, each in its loop.

    Args:
        contracts: what ``rules.search.searches(as_inquiry(...))`` led to.
    """
    found = identify(as_inquiry(request, today), contracts, today, profile)
    return found if isinstance(found, Identified) else tuple(dict.fromkeys(map(_in_our_loop, found)))


def patient_loop(request: ReviewRequest) -> ReviewLoop:
    """2010C or 2010D."""
    return ReviewLoop.SUBSCRIBER if request.dependent is None else ReviewLoop.DEPENDENT


def tell_patient(request: ReviewRequest, identified: Identified, today: date) -> tuple[Member, Member | None]:
    """The subscriber and, where the event is the dependent's, the dependent, as they are on file."""
    subscriber, dependent = tell_members(as_inquiry(request, today), identified)
    return subscriber, None if dependent is None else _with_known_relationship(dependent)


def as_submitted(request: ReviewRequest) -> tuple[Member, Member | None]:
    """The same as they were sent, for an answer that identifies nobody."""
    dependent = request.dependent
    return _sent(request.subscriber.patient), None if dependent is None else _sent(dependent.patient)


def _in_our_loop(rejection: Rejection) -> ReviewRejection:
    reason = _REASONS.get(rejection.reason, rejection.reason)
    return ReviewRejection(_LOOPS[rejection.loop], reason, rejection.action)


def _with_known_relationship(member: Member) -> Member:
    if not member.relationship or member.relationship in _RELATIONSHIPS:
        return member
    return replace(member, relationship=_OTHER_RELATIONSHIP)


def _sent(patient: Patient) -> Member:
    return Member(
        last_name=patient.last_name,
        first_name=patient.first_name,
        middle_name=patient.middle_name,
        suffix=patient.suffix,
        member_id=patient.member_id,
        birth_date=patient.birth_date,
        birth_date_sent=patient.birth_date_sent,
        gender=patient.gender,
        references=patient.references,
        relationship=patient.relationship,
    )
