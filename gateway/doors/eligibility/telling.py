"""A typed eligibility answer as the JSON that tells it."""

from collections.abc import Iterable, Sequence
from itertools import chain

from edi.aaa import Loop
from edi.benefit_codes import BenefitKind
from edi.eligibility import (
    Benefit,
    Dates,
    EligibilityAnswer,
    Member,
    Party,
    Reference,
    Rejection,
)
from edi.eligibility import RelatedEntity as RelatedParty
from edi.eligibility_code_names import CodeList, name_of
from edi.writing import day, number
from gateway.doors.eligibility.hints import hint
from gateway.doors.eligibility.qualifiers import DATES, REFERENCES
from gateway.doors.eligibility.response import (
    Address,
    BenefitInformation,
    Contact,
    ContactInformation,
    Description,
    EligibilityResponse,
    Error,
    Meaning,
    Payer,
    Person,
    PlaceOfService,
    PlanStatus,
    Procedure,
    Provider,
    RelatedEntity,
)

_STATUSES = frozenset(
    {
        BenefitKind.ACTIVE,
        BenefitKind.ACTIVE_FULL_RISK,
        BenefitKind.ACTIVE_SERVICES_CAPITATED,
        BenefitKind.ACTIVE_CAPITATED_TO_PCP,
        BenefitKind.ACTIVE_PENDING,
        BenefitKind.INACTIVE,
        BenefitKind.INACTIVE_PENDING_UPDATE,
        BenefitKind.INACTIVE_PENDING_INVESTIGATION,
    }
)
_LOOPS = tuple(Loop)
_PERSON = "1"
"""NM102."""
_ENTITY_TYPES = {_PERSON: "Person", "2": "Non-Person Entity"}
_YES_NO = {True: "Y", False: "N", None: ""}
_SUBSCRIBER, _DEPENDENT = "Insured or Subscriber", "Dependent"
_PLACES = "ZZ"
"""III01."""
_SELF = "18"
"""INS02 of a subscriber."""


def tell(answer: EligibilityAnswer, outcome: str, control_number: str, x12: bytes | None) -> EligibilityResponse:
    """The answer in JSON's terms.

    Args:
        answer: what the 271 tells.
        outcome: as in ``X-Edi-Outcome``.
        control_number: the asker's own.
        x12: the 271, where it is to be told too.
    """
    inquiry = answer.inquiry
    statuses = [benefit for benefit in answer.benefits if benefit.kind in _STATUSES]
    patient = answer.subscriber if answer.dependent is None else answer.dependent
    dates = () if patient is None else patient.dates
    people = [person for person in (answer.subscriber, answer.dependent) if person is not None]
    numbers = [person.references for person in people] + [status.references for status in statuses[:1]]
    return EligibilityResponse(
        meta=Meaning(outcome, answer.trace),
        control_number=control_number,
        trading_partner_service_id=inquiry.source.identifier,
        payer=_payer(inquiry.source),
        provider=_provider(inquiry.receiver),
        subscriber=None if answer.subscriber is None else _subscriber(answer.subscriber),
        dependents=() if answer.dependent is None else (_dependent(answer.dependent),),
        plan_information=_numbers(chain(*numbers)),
        plan_date_information=_dates(dates or (statuses[0].dates if statuses else ())),
        plan_status=tuple(map(_status, statuses)),
        benefits_information=tuple(map(_benefit, answer.benefits)),
        errors=tuple(map(_error, sorted(answer.every_rejection, key=_place))),
        x12="" if x12 is None else x12.decode("ascii"),
    )


def _payer(source: Party) -> Payer:
    return Payer(
        name_of(CodeList.ENTITY, source.entity_code), _ENTITY_TYPES[source.entity_type], source.name, source.identifier
    )


def _provider(receiver: Party) -> Provider:
    identifiers = {receiver.identifier_qualifier: receiver.identifier}
    return Provider(
        name_of(CodeList.ENTITY, receiver.entity_code),
        _ENTITY_TYPES[receiver.entity_type],
        receiver.name,
        receiver.first_name,
        npi=identifiers.get("XX", ""),
        service_provider_number=identifiers.get("SV", ""),
        federal_taxpayers_id_number=identifiers.get("FI", ""),
    )


def _subscriber(member: Member) -> Person:
    relationship = _SELF if member.relationship or member.changed else ""
    return _person(member, _SUBSCRIBER, relationship)


def _dependent(member: Member) -> Person:
    return _person(member, _DEPENDENT, member.relationship)


def _person(member: Member, identifier: str, relationship: str) -> Person:
    return Person(
        entity_identifier=identifier,
        entity_type=_ENTITY_TYPES[_PERSON],
        last_name=member.last_name,
        first_name=member.first_name,
        middle_name=member.middle_name,
        suffix=member.suffix,
        member_id=member.member_id,
        date_of_birth=member.birth_date_sent or day(member.birth_date),
        gender=member.gender,
        address=_address(member.address),
        relation_to_subscriber=name_of(CodeList.RELATIONSHIP, relationship),
        relation_to_subscriber_code=relationship,
        maintenance_type_code="001" if member.changed else "",
        maintenance_reason_code="25" if member.changed else "",
    )


def _address(parts: tuple[str, ...]) -> Address | None:
    """Of street lines, then city, state and postal code."""
    if not parts:
        return None
    *streets, city, state, postal_code = parts
    first, second = (*streets, "", "")[:2]
    return Address(first, second, city, state, postal_code)


def _dates(dates: Sequence[Dates]) -> dict[str, str]:
    return {DATES[one.qualifier]: _period(one) for one in dates if one.qualifier in DATES}


def _period(dates: Dates) -> str:
    first, last = day(dates.period.first), day(dates.period.last)
    return first if first == last else f"{first}-{last}"


def _numbers(references: Iterable[Reference]) -> dict[str, str]:
    return {REFERENCES[one.qualifier]: one.value for one in references if one.qualifier in REFERENCES}


def _status(benefit: Benefit) -> PlanStatus:
    return PlanStatus(
        benefit.kind, name_of(CodeList.BENEFIT, benefit.kind), benefit.plan_name, tuple(benefit.service_types)
    )


def _benefit(benefit: Benefit) -> BenefitInformation:
    level, period, network = benefit.level or "", benefit.period or "", benefit.network or ""
    return BenefitInformation(
        code=benefit.kind,
        name=name_of(CodeList.BENEFIT, benefit.kind),
        coverage_level_code=level,
        coverage_level=name_of(CodeList.COVERAGE_LEVEL, level),
        service_type_codes=benefit.service_types,
        service_types=tuple([name_of(CodeList.SERVICE_TYPE, code) for code in benefit.service_types]),
        insurance_type_code=benefit.insurance_type,
        insurance_type=name_of(CodeList.INSURANCE_TYPE, benefit.insurance_type),
        plan_coverage=benefit.plan_name,
        time_qualifier_code=period,
        time_qualifier=name_of(CodeList.TIME_PERIOD, period),
        benefit_amount="" if benefit.amount is None else number(benefit.amount),
        benefit_percent="" if benefit.percent is None else number(benefit.percent),
        quantity_qualifier_code=benefit.quantity_qualifier,
        quantity_qualifier=name_of(CodeList.QUANTITY, benefit.quantity_qualifier),
        benefit_quantity="" if benefit.quantity is None else number(benefit.quantity),
        auth_or_cert_indicator=_YES_NO[benefit.authorization_required],
        in_plan_network_indicator_code=network,
        in_plan_network_indicator=name_of(CodeList.NETWORK, network),
        composite_medical_procedure_identifier=_procedure(benefit.procedure),
        benefits_date_information=_dates(benefit.dates),
        benefits_additional_information=_numbers(benefit.references),
        additional_information=tuple(map(Description, benefit.messages)),
        eligibility_additional_information_list=tuple(
            [PlaceOfService(_PLACES, place) for place in benefit.places_of_service]
        ),
        benefits_related_entities=tuple(map(_related, benefit.related)),
    )


def _procedure(procedure: str) -> Procedure | None:
    if not procedure:
        return None
    qualifier, code, *modifiers = (*procedure.split(":"), "")[:6]
    return Procedure(qualifier, code, tuple(filter(None, modifiers)))


def _related(party: RelatedParty) -> RelatedEntity:
    ways = (("Telephone", party.phone), ("Uniform Resource Locator (URL)", party.web))
    contacts = tuple([Contact(mode, value) for mode, value in ways if value])
    return RelatedEntity(
        entity_identifier=name_of(CodeList.ENTITY, party.entity_code),
        entity_identifier_code=party.entity_code,
        entity_type=_ENTITY_TYPES[party.entity_type],
        entity_name=party.name,
        entity_firstname=party.first_name,
        entity_identification=party.identifier_qualifier if party.identifier else "",
        entity_identification_value=party.identifier,
        address=_address(party.address),
        contact_information=ContactInformation(contacts) if contacts else None,
    )


def _place(rejection: Rejection) -> int:
    """Where the 271 tells it: outer loops before inner ones."""
    return _LOOPS.index(rejection.loop)


def _error(rejection: Rejection) -> Error:
    return Error(
        field="AAA",
        code=rejection.reason,
        description=name_of(CodeList.REJECT_REASON, rejection.reason),
        followup_action=name_of(CodeList.FOLLOW_UP, rejection.action),
        followup_action_code=rejection.action,
        location=f"Loop {rejection.loop}",
        possible_resolutions=hint(rejection.reason, rejection.loop),
        valid_request_indicator=_YES_NO[rejection.request_valid],
    )
