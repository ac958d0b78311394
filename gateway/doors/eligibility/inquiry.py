"""A JSON request as the 270 that asks the same."""

from datetime import datetime
from itertools import chain

from edi.eligibility import DateRange, EligibilityInquiry, Party, Patient, Reference, ServiceInquiry
from edi.eligibility import EligibilityRequest as Request270
from edi.envelope import Address, Group, InterchangeHeader, write_interchange
from edi.texts import prose
from edi.writing_270 import FUNCTIONAL_IDENTIFIER, GUIDE, write_eligibility_request
from gateway.doors.eligibility import request as limits
from gateway.doors.eligibility.consistency import contradictions, day
from gateway.doors.eligibility.faults import read_fields
from gateway.doors.eligibility.request import (
    DependentPart,
    EligibilityRequest,
    Encounter,
    PatientPart,
    ProviderPart,
    SubscriberPart,
)
from rules.facts import PayerProfile

GENERIC = "30"
"""The service type that is asked for where a request names nothing."""
REQUEST = "13"
"""BHT02."""
TAX_ID = "TJ"
"""REF01 of a provider's tax id that stands beside another identifier."""


def read_request(data: bytes) -> EligibilityRequest:
    """The request of a body.

    Raises:
        Refused: with every field that is wrong, by its name.
    """
    return read_fields(data, EligibilityRequest, contradictions)


def write_270(
    request: EligibilityRequest,
    control_number: int,
    sender: Address,
    payer: Address,
    profile: PayerProfile,
    moment: datetime,
) -> bytes:
    """The interchange of one 270.

    Args:
        request: what is asked.
        control_number: ISA13, 1 to 999999999.
        sender: the submitter.
        payer: the receiver of the interchange.
        profile: the payer as the receiver of the group, and by name as the information source.
        moment: when it is written, in the payer's time zone.
    """
    inquiry = inquiry_of(request, request.control_number or str(control_number), profile.name)
    segments = write_eligibility_request(Request270("0001", inquiry.reference, REQUEST, (inquiry,)), moment)
    group = Group(FUNCTIONAL_IDENTIFIER, sender.identifier, profile.identifier, GUIDE, (segments,))
    return write_interchange(InterchangeHeader(sender, payer, moment, control_number), (group,))


def inquiry_of(request: EligibilityRequest, reference: str, payer_name: str) -> EligibilityInquiry:
    """What the request asks, typed; the dates of service are the patient's (DTP of 2100C or 2100D)."""
    dates = _dates(request.encounter)
    dependent = _dependent(request.dependents[0], dates) if request.dependents else None
    source_name = prose(payer_name, limits.LAST_NAME_MAX)
    return EligibilityInquiry(
        source=Party("PR", "2", source_name, "", "PI", request.trading_partner_service_id),
        receiver=_receiver(request.provider),
        receiver_references=_receiver_references(request.provider),
        subscriber=_subscriber(request.subscriber, dates if dependent is None else None),
        dependent=dependent,
        traces=(),
        services=tuple(_services(request.encounter)),
        reference=reference,
    )


def _receiver(provider: ProviderPart) -> Party:
    qualifier, identifier = next(
        (qualifier, identifier)
        for qualifier, identifier in (
            ("XX", provider.npi),
            ("SV", provider.service_provider_number),
            ("FI", provider.tax_id),
        )
        if identifier
    )
    entity_type, name = ("2", provider.organization_name) if provider.organization_name else ("1", provider.last_name)
    first_name = prose(provider.first_name, limits.FIRST_NAME_MAX)
    return Party("1P", entity_type, prose(name, limits.LAST_NAME_MAX), first_name, qualifier, identifier)


def _receiver_references(provider: ProviderPart) -> tuple[Reference, ...]:
    beside = provider.tax_id and (provider.npi or provider.service_provider_number)
    return (Reference(TAX_ID, provider.tax_id),) if beside else ()


def _subscriber(part: SubscriberPart, dates: DateRange | None) -> Patient:
    medicaid = (("NQ", part.medicaid_recipient_identification_number),)
    return _patient(part, part.member_id, medicaid, "", dates)


def _dependent(part: DependentPart, dates: DateRange | None) -> Patient:
    return _patient(part, "", (), part.individual_relationship_code, dates)


def _patient(
    part: PatientPart,
    member_id: str,
    references: tuple[tuple[str, str], ...],
    relationship: str,
    dates: DateRange | None,
) -> Patient:
    """A person; an impossible birth date is sent as it came, and answered as X12's would be."""
    more = part.additional_identification
    numbers = (
        ("18", more.plan_number),
        ("1L", more.policy_number),
        ("6P", part.group_number),
        ("EJ", more.patient_account_number),
        ("HJ", part.id_card),
        ("SY", part.ssn),
    )
    return Patient(
        last_name=prose(part.last_name, limits.LAST_NAME_MAX),
        first_name=prose(part.first_name, limits.FIRST_NAME_MAX),
        middle_name=prose(part.middle_name, limits.MIDDLE_NAME_MAX),
        suffix=prose(part.suffix, limits.SUFFIX_MAX),
        member_id=member_id,
        birth_date_sent=part.date_of_birth,
        gender=part.gender,
        references=tuple([Reference(qualifier, value) for qualifier, value in chain(numbers, references) if value]),
        relationship=relationship,
        dates=dates,
    )


def _dates(encounter: Encounter) -> DateRange | None:
    first = day(encounter.date_of_service or encounter.beginning_date_of_service)
    last = day(encounter.date_of_service or encounter.end_date_of_service)
    return None if first is None or last is None else DateRange(first, last)


def _services(encounter: Encounter) -> list[ServiceInquiry]:
    """One EQ for all service types, one for the procedure."""
    services = []
    if encounter.procedure_code:
        parts = (encounter.product_or_service_id_qualifier, encounter.procedure_code, *encounter.procedure_modifiers)
        services.append(ServiceInquiry(procedure=":".join(parts)))
    if encounter.service_type_codes or not services:
        services.insert(0, ServiceInquiry(encounter.service_type_codes or (GENERIC,)))
    return services
