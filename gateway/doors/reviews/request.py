"""The JSON that asks for a review: which fields there are and what each can hold.

One patient event, with its services if any. Names and lengths are as for eligibility; whether a code exists is left to
the guide check, as for X12.
"""

from typing import Annotated

from pydantic import AfterValidator, Field

from edi.services_review_codes import CertificationType, LevelOfService, RequestCategory
from gateway.doors.eligibility.request import (
    DEPENDENTS_MAX,
    MODIFIERS_MAX,
    PROCEDURE_MAX,
    Code,
    Day,
    FirstName,
    Identifier,
    LastName,
    ListedCode,
    MiddleName,
    Part,
    PayerIdentifier,
    ReferenceNumber,
    Suffix,
    tellable,
)
from gateway.doors.reviews.decision import SERVICES_MAX, Quantity

TRACE_MAX, MESSAGE_MAX, DESCRIPTION_MAX = 50, 264, 80
"""Characters of TRN02, MSG01 and PWK07."""
DIAGNOSES_MAX, PROVIDERS_MAX, DOCUMENTS_MAX = 12, 14, 10
"""Elements of HI, repetitions of 2010EA and of PWK."""

TraceNumber = Annotated[str, Field(min_length=1, max_length=TRACE_MAX), AfterValidator(tellable)]
TraceOriginator = Annotated[str, Field(pattern=r"^.{10}$|^$"), AfterValidator(tellable)]
Procedure = Annotated[str, Field(max_length=PROCEDURE_MAX), AfterValidator(tellable)]
DiagnosisCode = Annotated[str, Field(min_length=1, max_length=30), AfterValidator(tellable)]
DocumentNumber = Annotated[str, Field(max_length=50), AfterValidator(tellable)]
Description = Annotated[str, Field(max_length=DESCRIPTION_MAX)]
Message = Annotated[str, Field(max_length=MESSAGE_MAX)]


class ReviewRequester(Part):
    """An organization or a person, by NPI or tax id."""

    organization_name: LastName = ""
    last_name: LastName = ""
    first_name: FirstName = ""
    npi: Identifier = ""
    tax_id: Identifier = ""
    """Nine digits."""


class ServingProvider(ReviewRequester):
    """Somebody who is to provide the service."""

    role: Annotated[str, Field(min_length=2, max_length=3, examples=["SJ"]), AfterValidator(tellable)]
    """NM101: SJ service provider, 71 attending physician, 72 operating physician, 77 service location, DN referring."""


class PersonPart(Part):
    """A person, by whatever is known."""

    last_name: LastName = ""
    first_name: FirstName = ""
    middle_name: MiddleName = ""
    suffix: Suffix = ""
    date_of_birth: Day = ""
    gender: Annotated[str, Field(max_length=1, examples=["F", "M"])] = ""
    patient_account_number: ReferenceNumber = ""
    """The provider's own number."""


class ReviewSubscriber(PersonPart):
    """Who holds the insurance; the patient, unless there is a dependent."""

    member_id: Annotated[Identifier, Field(min_length=2)]
    group_number: ReferenceNumber = ""


class ReviewDependent(PersonPart):
    """The patient, where it is not the subscriber."""

    individual_relationship_code: Annotated[Code, Field(examples=["19"])] = ""
    """X12 INS02: 01 spouse, 19 child, G8 other."""


class DiagnosisPart(Part):
    """One diagnosis."""

    code: Annotated[DiagnosisCode, Field(examples=["M54.50"])]
    """With or without its dot."""
    qualifier: Annotated[str, Field(max_length=3), AfterValidator(tellable)] = ""
    """ABK principal, ABF other, ABJ admitting (ICD-10), DR group; ABK for the first and ABF for the others where none
    is sent."""


class DocumentPart(Part):
    """A document that comes with the request, or is on file (PWK)."""

    report_type: Annotated[ListedCode, Field(examples=["OB"])]
    transmission: ListedCode = "EL"
    control_number: DocumentNumber = ""
    description: Description = ""


class AskedPart(Part):
    """What an event and a service have in common."""

    date_of_service: Day = ""
    beginning_date_of_service: Day = ""
    end_date_of_service: Day = ""
    quantity: Quantity = ""
    message: Message = ""
    documents: Annotated[tuple[DocumentPart, ...], Field(max_length=DOCUMENTS_MAX)] = ()
    providers: Annotated[tuple[ServingProvider, ...], Field(max_length=PROVIDERS_MAX)] = ()


class RequestedService(AskedPart):
    """One service of the event: a procedure, a revenue code, or both; to cancel one, its number is enough."""

    product_or_service_id_qualifier: Annotated[ListedCode, Field(alias="productOrServiceIDQualifier")] = "HC"
    """HC for HCPCS and CPT, AD dental, N4 drugs."""
    procedure_code: Annotated[Procedure, Field(examples=["97110"])] = ""
    procedure_modifiers: Annotated[tuple[ListedCode, ...], Field(max_length=MODIFIERS_MAX)] = ()
    revenue_code: Procedure = ""
    unit: Code = "UN"
    """UN units, DA days, MJ minutes, F2 international units."""
    certification_type: CertificationType | None = None
    """UM02 where it is not the event's: 3 to cancel this service of an earlier review, 4 to extend it, and so on."""
    authorization_number: ReferenceNumber = ""
    """Of the service's own certification that this one follows: A000000007-2."""
    administrative_reference: ReferenceNumber = ""
    """Of the pended review, with the service behind it, that this one follows: R000000007-2."""


class ReviewRequest(AskedPart):
    """What is asked: the 278 request in JSON."""

    trace_number: Annotated[TraceNumber, Field(examples=["REV-2026-0001"])]
    """The asker's own (TRN02): the same request again under the same number is the same review."""
    trace_originator: TraceOriginator = ""
    """TRN03, ten characters; of the submitter's interchange id where none is sent."""
    trading_partner_service_id: Annotated[PayerIdentifier, Field(examples=["99999"])]
    """The payer's id."""
    requester: ReviewRequester
    subscriber: ReviewSubscriber
    dependents: Annotated[tuple[ReviewDependent, ...], Field(max_length=DEPENDENTS_MAX)] = ()
    request_category: RequestCategory = RequestCategory.HEALTH_SERVICES
    """UM01: HS health services, AR admission, SC specialty care referral, IN individual."""
    certification_type: CertificationType = CertificationType.INITIAL
    """UM02: I initial, S revised, 3 cancel, 4 extension, R renewal, N reconsideration, 1 and 2 appeals."""
    service_type: Code = ""
    """UM03."""
    place_of_service: Code = ""
    """UM04."""
    level_of_service: LevelOfService | None = None
    """UM06: 03 emergency, U urgent, E elective."""
    authorization_number: ReferenceNumber = ""
    """Of the certification that this request follows."""
    administrative_reference: ReferenceNumber = ""
    """Of the pended review that this request follows."""
    admission_date: Day = ""
    discharge_date: Day = ""
    unit: Code = ""
    """Of ``quantity`` (HSD01): VS visits, DY days, HS hours, MN months, FL units."""
    diagnoses: Annotated[tuple[DiagnosisPart, ...], Field(max_length=DIAGNOSES_MAX)] = ()
    services: Annotated[tuple[RequestedService, ...], Field(max_length=SERVICES_MAX)] = ()
    include_x12: bool = False
    """Whether the answer brings the 278 along."""
