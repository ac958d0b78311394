"""The JSON that asks: which fields there are and what each can hold.

The names are those that the large clearinghouses' eligibility APIs use. An unknown field is refused. Lengths are those
of the X12 elements that the values go into; whether a code exists is left to the guide check, as for X12.
"""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from edi.texts import mark

LAST_NAME_MAX, FIRST_NAME_MAX, MIDDLE_NAME_MAX, SUFFIX_MAX = 60, 35, 25, 10
"""Characters of NM103, NM104, NM105 and NM107."""
IDENTIFIER_MAX, REFERENCE_MAX, PROCEDURE_MAX = 80, 50, 48
"""Characters of NM109, REF02 and EQ02-2."""
SERVICE_TYPES_MAX, MODIFIERS_MAX, DEPENDENTS_MAX = 99, 4, 1
"""Repetitions of EQ01, EQ02-3 to EQ02-6, and patients of a real-time request."""


def tellable(text: str) -> str:
    """Refuse an identifier that X12 could not hold as it is."""
    if mark(text) != text:
        raise PydanticCustomError("character", "Has a character that X12 cannot hold: use printable ASCII without *:^~")
    return text


def _eight_digits(text: str) -> str:
    return text.replace("-", "")


LastName = Annotated[str, Field(max_length=LAST_NAME_MAX)]
FirstName = Annotated[str, Field(max_length=FIRST_NAME_MAX)]
MiddleName = Annotated[str, Field(max_length=MIDDLE_NAME_MAX)]
Suffix = Annotated[str, Field(max_length=SUFFIX_MAX)]
Identifier = Annotated[str, Field(max_length=IDENTIFIER_MAX), AfterValidator(tellable)]
PayerIdentifier = Annotated[str, Field(min_length=2, max_length=IDENTIFIER_MAX), AfterValidator(tellable)]
ReferenceNumber = Annotated[str, Field(max_length=REFERENCE_MAX), AfterValidator(tellable)]
Code = Annotated[str, Field(max_length=2), AfterValidator(tellable)]
ListedCode = Annotated[str, Field(min_length=1, max_length=2), AfterValidator(tellable)]
Day = Annotated[
    str,
    Field(pattern=r"^([0-9]{8}|[0-9]{4}-[0-9]{2}-[0-9]{2})?$", examples=["19800131", "1980-01-31"]),
    AfterValidator(_eight_digits),
]
"""``YYYYMMDD`` or ``YYYY-MM-DD``; eight digits once read."""


class Part(BaseModel):
    """An object of the request. Empty text means the same as a field that is left out."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        validate_by_name=True,
        extra="forbid",
        frozen=True,
        strict=True,
        str_strip_whitespace=True,
        hide_input_in_errors=True,
        use_attribute_docstrings=True,
        field_title_generator=lambda name, info: info.alias or name,
    )

    def __repr_args__(self) -> list[tuple[str | None, object]]:
        """Nothing: whom the request is about stays out of logs."""
        return []

    __str__ = object.__str__


class ProviderPart(Part):
    """Who asks: an organization or a person, under one identifier; a tax id may stand beside another identifier."""

    organization_name: LastName = ""
    last_name: LastName = ""
    first_name: FirstName = ""
    npi: Identifier = ""
    tax_id: Identifier = ""
    """Nine digits."""
    service_provider_number: Identifier = ""
    """The payer's own number for the provider."""


class AdditionalIdentification(Part):
    """Further numbers of a patient."""

    patient_account_number: ReferenceNumber = ""
    """The provider's own number; it is returned."""
    plan_number: ReferenceNumber = ""
    policy_number: ReferenceNumber = ""


class PatientPart(Part):
    """A person, by whatever is known."""

    last_name: LastName = ""
    first_name: FirstName = ""
    middle_name: MiddleName = ""
    suffix: Suffix = ""
    date_of_birth: Day = ""
    gender: Annotated[str, Field(max_length=1, examples=["F", "M"])] = ""
    group_number: ReferenceNumber = ""
    ssn: ReferenceNumber = ""
    id_card: ReferenceNumber = ""
    additional_identification: AdditionalIdentification = AdditionalIdentification()


class SubscriberPart(PatientPart):
    """Who holds the insurance; the patient, unless there is a dependent."""

    member_id: Identifier = ""
    medicaid_recipient_identification_number: ReferenceNumber = ""


class DependentPart(PatientPart):
    """The patient, where it is not the subscriber."""

    individual_relationship_code: Annotated[Code, Field(examples=["19"])] = ""
    """X12 INS02: 01 spouse, 19 child, 34 other adult."""


class Encounter(Part):
    """What is asked; without service types and procedure, health plan coverage as a whole (30)."""

    service_type_codes: Annotated[tuple[ListedCode, ...], Field(max_length=SERVICE_TYPES_MAX, examples=[["30"]])] = ()
    """X12 data element 1365."""
    procedure_code: Annotated[str, Field(max_length=PROCEDURE_MAX), AfterValidator(tellable)] = ""
    product_or_service_id_qualifier: Annotated[Code, Field(alias="productOrServiceIDQualifier", examples=["HC"])] = ""
    """The procedure's code list, X12 data element 235: HC is HCPCS and CPT, AD is CDT."""
    procedure_modifiers: Annotated[tuple[ListedCode, ...], Field(max_length=MODIFIERS_MAX)] = ()
    date_of_service: Day = ""
    beginning_date_of_service: Day = ""
    end_date_of_service: Day = ""


class EligibilityRequest(Part):
    """An eligibility inquiry about one patient."""

    control_number: Annotated[str, Field(pattern=r"^([0-9]{1,9})?$", examples=["123456789"])] = ""
    """Any number of the asker's own, above 0; it is returned, and is ISA13 and BHT03 of the 270."""
    trading_partner_service_id: Annotated[PayerIdentifier, Field(examples=["99999"])]
    """The payer's id."""
    provider: ProviderPart
    subscriber: SubscriberPart
    dependents: Annotated[tuple[DependentPart, ...], Field(max_length=DEPENDENTS_MAX)] = ()
    encounter: Encounter = Encounter()
    include_x12: bool = False
    """Whether the answer brings the 271 along."""
