"""A JSON request for review as the 278 that asks the same."""

from datetime import datetime
from decimal import Decimal

from edi.eligibility import DateRange, Dates, Patient, Reference, Trace
from edi.envelope import Address, Group, InterchangeHeader, write_interchange
from edi.services_review import (
    Attachment,
    Delivery,
    Diagnosis,
    PartyReference,
    Review,
    ReviewEvent,
    ReviewParty,
    ReviewPatient,
    ReviewService,
)
from edi.services_review import ReviewRequest as Request278
from edi.services_review_codes import RequestCategory
from edi.services_review_lines import ServiceLine
from edi.texts import mark, prose
from edi.writing import composite
from edi.writing_278 import FUNCTIONAL_IDENTIFIER, GUIDE
from edi.writing_278_request import write_review_request
from gateway.doors.eligibility.consistency import day
from gateway.doors.eligibility.faults import read_fields
from gateway.doors.eligibility.request import FIRST_NAME_MAX, LAST_NAME_MAX, MIDDLE_NAME_MAX, SUFFIX_MAX
from gateway.doors.reviews.consistency import contradictions
from gateway.doors.reviews.request import (
    DESCRIPTION_MAX,
    MESSAGE_MAX,
    AskedPart,
    DiagnosisPart,
    PersonPart,
    RequestedService,
    ReviewRequest,
    ReviewRequester,
    ServingProvider,
)
from rules.facts import PayerProfile

_TAX_ID, _TAX_ID_BESIDE = "24", "EI"
"""NM108 of a tax id, and REF01 of one that stands beside an NPI."""
_EVENT, _SERVICE, _ADMISSION, _DISCHARGE = "AAH", "472", "435", "096"
"""DTP01."""
_PRINCIPAL, _OTHER = "ABK", "ABF"
_DENTAL = "AD"
_TRACE_ORIGINATOR_CHARACTERS = 10
"""Of TRN03."""
_USER_DEFINED = "9"
"""The first character of such an identifier that is no tax id."""


def read_request(data: bytes) -> ReviewRequest:
    """The request of a body.

    Raises:
        Refused: with every field that is wrong, by its name.
    """
    return read_fields(data, ReviewRequest, contradictions)


def write_278(
    request: Request278, control_number: int, sender: Address, payer: Address, profile: PayerProfile, moment: datetime
) -> bytes:
    """The interchange of one 278 request.

    Args:
        request: what is asked.
        control_number: ISA13, 1 to 999999999.
        sender: the submitter.
        payer: the receiver of the interchange.
        profile: the payer as the receiver of the group.
        moment: when it is written, in the payer's time zone.
    """
    segments = write_review_request(request, moment)
    group = Group(FUNCTIONAL_IDENTIFIER, sender.identifier, profile.identifier, GUIDE, (segments,))
    return write_interchange(InterchangeHeader(sender, payer, moment, control_number), (group,))


def inquiry_of(request: ReviewRequest, sender: Address, profile: PayerProfile) -> Request278:
    """What the request asks, typed."""
    dependent = request.dependents[0] if request.dependents else None
    subscriber = request.subscriber
    return Request278(
        control_number="0001",
        reference=request.trace_number,
        source=ReviewParty(
            "X3",
            "2",
            prose(profile.name, LAST_NAME_MAX),
            identifier_qualifier="PI",
            identifier=request.trading_partner_service_id,
        ),
        requester=_party(request.requester, "1P"),
        subscriber=_patient(subscriber, subscriber.member_id, subscriber.group_number, ""),
        dependent=None if dependent is None else _patient(dependent, "", "", dependent.individual_relationship_code),
        events=(_event(request, sender),),
    )


def _event(request: ReviewRequest, sender: Address) -> ReviewEvent:
    originator = request.trace_originator or _originator(sender)
    days = (
        (_EVENT, _period(request)),
        (_ADMISSION, _day(request.admission_date)),
        (_DISCHARGE, _day(request.discharge_date)),
    )
    return ReviewEvent(
        review=Review(
            category=request.request_category,
            certification=request.certification_type,
            service_type=request.service_type,
            facility=request.place_of_service,
            facility_qualifier="B" if request.place_of_service else "",
            level=request.level_of_service,
        ),
        traces=(Trace("1", request.trace_number, originator),),
        authorization_number=request.authorization_number,
        administrative_reference=request.administrative_reference,
        dates=tuple([Dates(qualifier, period) for qualifier, period in days if period is not None]),
        diagnoses=tuple([_diagnosis(place, each) for place, each in enumerate(request.diagnoses)]),
        delivery=Delivery(request.unit, Decimal(request.quantity)) if request.quantity else None,
        attachments=_attachments(request),
        message=prose(request.message, MESSAGE_MAX),
        providers=_providers(request),
        services=tuple([_service(part, request) for part in request.services]),
    )


def _service(part: RequestedService, request: ReviewRequest) -> ReviewService:
    period = _period(part)
    return ReviewService(
        review=None if part.certification_type is None else Review(_category(request), part.certification_type),
        authorization_number=part.authorization_number,
        administrative_reference=part.administrative_reference,
        dates=() if period is None else (Dates(_SERVICE, period),),
        line=_line(part),
        attachments=_attachments(part),
        message=prose(part.message, MESSAGE_MAX),
        providers=_providers(part),
    )


def _category(request: ReviewRequest) -> RequestCategory:
    """UM01 of a service: that of the event where a service can have it."""
    is_referral = request.request_category is RequestCategory.SPECIALTY_CARE
    return RequestCategory.SPECIALTY_CARE if is_referral else RequestCategory.HEALTH_SERVICES


def _line(part: RequestedService) -> ServiceLine | None:
    """SV2 where there is a revenue code, SV3 of a dental procedure, SV1 otherwise; None where no code is sent."""
    if not (part.procedure_code or part.revenue_code):
        return None
    qualifier = part.product_or_service_id_qualifier
    procedure = composite(qualifier, part.procedure_code, *part.procedure_modifiers) if part.procedure_code else ""
    amount = (part.unit, part.quantity) if part.quantity else ("", "")
    if part.revenue_code:
        return _trimmed("SV2", part.revenue_code, procedure, "", *amount)
    if qualifier == _DENTAL:
        return _trimmed("SV3", procedure, "", "", "", "", part.quantity)
    return _trimmed("SV1", procedure, "", *amount)


def _trimmed(*elements: str) -> ServiceLine:
    """Without empty elements at its end, as it is read."""
    while not elements[-1]:
        elements = elements[:-1]
    return ServiceLine(elements)


def _party(part: ReviewRequester, entity_code: str) -> ReviewParty:
    qualifier, identifier = ("XX", part.npi) if part.npi else (_TAX_ID, part.tax_id)
    return ReviewParty(
        entity_code,
        "2" if part.organization_name else "1",
        prose(part.organization_name or part.last_name, LAST_NAME_MAX),
        prose(part.first_name, FIRST_NAME_MAX),
        identifier_qualifier=qualifier,
        identifier=identifier,
        references=(PartyReference(_TAX_ID_BESIDE, part.tax_id),) if part.npi and part.tax_id else (),
    )


def _providers(part: AskedPart) -> tuple[ReviewParty, ...]:
    return tuple([_provider(each) for each in part.providers])


def _provider(part: ServingProvider) -> ReviewParty:
    return _party(part, part.role)


def _patient(part: PersonPart, member_id: str, group_number: str, relationship: str) -> ReviewPatient:
    """A person; an impossible birth date is sent as it came, and answered as X12's would be."""
    numbers = (("6P", group_number), ("EJ", part.patient_account_number))
    return ReviewPatient(
        Patient(
            last_name=prose(part.last_name, LAST_NAME_MAX),
            first_name=prose(part.first_name, FIRST_NAME_MAX),
            middle_name=prose(part.middle_name, MIDDLE_NAME_MAX),
            suffix=prose(part.suffix, SUFFIX_MAX),
            member_id=member_id,
            birth_date_sent=part.date_of_birth,
            gender=part.gender,
            references=tuple([Reference(qualifier, value) for qualifier, value in numbers if value]),
            relationship=relationship,
        )
    )


def _diagnosis(place: int, part: DiagnosisPart) -> Diagnosis:
    return Diagnosis(part.qualifier or (_OTHER if place else _PRINCIPAL), part.code.replace(".", ""))


def _attachments(part: AskedPart) -> tuple[Attachment, ...]:
    return tuple(
        [
            Attachment(
                each.report_type, each.transmission, each.control_number, prose(each.description, DESCRIPTION_MAX)
            )
            for each in part.documents
        ]
    )


def _period(part: AskedPart) -> DateRange | None:
    first = day(part.date_of_service or part.beginning_date_of_service)
    last = day(part.date_of_service or part.end_date_of_service)
    return None if first is None or last is None else DateRange(first, last)


def _day(text: str) -> DateRange | None:
    found = day(text)
    return None if found is None else DateRange(found, found)


def _originator(sender: Address) -> str:
    """Ten characters that stand for the submitter."""
    named = f"{_USER_DEFINED}{mark(sender.identifier)}"
    return named[:_TRACE_ORIGINATOR_CHARACTERS].ljust(_TRACE_ORIGINATOR_CHARACTERS, "0")
