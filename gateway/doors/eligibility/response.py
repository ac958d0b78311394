"""The JSON that answers: the 271 under the names that the large clearinghouses' eligibility APIs use.

Everything is text, as X12 has it: amounts are US dollars in decimal notation (``"25"``, ``"120.5"``), a percentage is
the patient's share as a fraction (``"0.2"`` is 20 %), a day is ``YYYYMMDD`` and a range ``YYYYMMDD-YYYYMMDD``. What is
not known is left out. Texts are as the payer has them; the 271 tells them in capitals and the characters of X12.
"""

from typing import Annotated

from msgspec import Meta, Struct

from gateway.doors.eligibility.qualifiers import DATES, REFERENCES

DateInformation = Annotated[
    dict[str, str],
    Meta(
        description="By what happened: a day, YYYYMMDD, or a range, YYYYMMDD-YYYYMMDD",
        extra_json_schema={"propertyNames": {"enum": sorted(DATES.values())}, "examples": [{"planBegin": "20250101"}]},
    ),
]
ReferenceInformation = Annotated[
    dict[str, str],
    Meta(
        description="Numbers by their kind",
        extra_json_schema={"propertyNames": {"enum": sorted(REFERENCES.values())}, "examples": [{"groupNumber": "G1"}]},
    ),
]


class Told(Struct, frozen=True, rename="camel", omit_defaults=True):
    """An object of the answer. ``repr`` does not show whom it is about."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


class Meaning(Told, frozen=True):
    """About the answer."""

    outcome: str
    """``271``, or ``AAA`` where ``errors`` says something."""
    trace_id: str = ""
    """The payer's own number for this answer."""


class Address(Told, frozen=True):
    """A postal address."""

    address1: str = ""
    address2: str = ""
    city: str = ""
    state: str = ""
    postal_code: str = ""


class Payer(Told, frozen=True):
    """The information source."""

    entity_identifier: str
    entity_type: str
    name: str
    payor_identification: str


class Provider(Told, frozen=True):
    """The information receiver, as asked."""

    entity_identifier: str
    entity_type: str
    provider_name: str
    provider_first_name: str = ""
    npi: str = ""
    service_provider_number: str = ""
    federal_taxpayers_id_number: str = ""


class Person(Told, frozen=True):
    """The subscriber or a dependent: as the payer knows them, or as asked where nobody was found."""

    entity_identifier: str
    entity_type: str
    last_name: str = ""
    first_name: str = ""
    middle_name: str = ""
    suffix: str = ""
    member_id: str = ""
    date_of_birth: str = ""
    gender: str = ""
    address: Address | None = None
    relation_to_subscriber: str = ""
    relation_to_subscriber_code: str = ""
    maintenance_type_code: str = ""
    """001 where name or id differ from what was asked: use those told here from now on."""
    maintenance_reason_code: str = ""


class PlanStatus(Told, frozen=True):
    """Whether there is coverage, by plan."""

    status_code: str
    """EB01: 1 to 5 active, 6 to 8 inactive."""
    status: str
    plan_details: str = ""
    """The plan's name."""
    service_type_codes: tuple[str, ...] = ()


class Procedure(Told, frozen=True):
    """EB13."""

    product_or_service_id_qualifier_code: str
    procedure_code: str = ""
    procedure_modifiers: tuple[str, ...] = ()


class Description(Told, frozen=True):
    """A message (MSG)."""

    description: str


class PlaceOfService(Told, frozen=True):
    """III: for which place of service a benefit holds."""

    code_list_qualifier_code: str
    industry_code: str


class Contact(Told, frozen=True):
    """A way to reach somebody."""

    communication_mode: str
    communication_number: str


class ContactInformation(Told, frozen=True):
    """Ways to reach somebody."""

    contacts: tuple[Contact, ...]


class RelatedEntity(Told, frozen=True):
    """Another party that a benefit points to: a payer, vendor or primary care provider."""

    entity_identifier: str
    entity_identifier_code: str
    entity_type: str
    entity_name: str = ""
    entity_firstname: str = ""
    entity_identification: str = ""
    """NM108."""
    entity_identification_value: str = ""
    address: Address | None = None
    contact_information: ContactInformation | None = None


class BenefitInformation(Told, frozen=True):
    """One EB segment with what stands below it. Each code has its name beside it."""

    code: str
    name: str
    coverage_level_code: str = ""
    coverage_level: str = ""
    service_type_codes: tuple[str, ...] = ()
    service_types: tuple[str, ...] = ()
    insurance_type_code: str = ""
    insurance_type: str = ""
    plan_coverage: str = ""
    time_qualifier_code: str = ""
    time_qualifier: str = ""
    benefit_amount: str = ""
    benefit_percent: str = ""
    quantity_qualifier_code: str = ""
    quantity_qualifier: str = ""
    benefit_quantity: str = ""
    auth_or_cert_indicator: str = ""
    """Y or N."""
    in_plan_network_indicator_code: str = ""
    in_plan_network_indicator: str = ""
    composite_medical_procedure_identifier: Procedure | None = None
    benefits_date_information: DateInformation = {}
    benefits_additional_information: ReferenceInformation = {}
    additional_information: tuple[Description, ...] = ()
    eligibility_additional_information_list: tuple[PlaceOfService, ...] = ()
    benefits_related_entities: tuple[RelatedEntity, ...] = ()


class Error(Told, frozen=True):
    """One AAA segment, unchanged, and what can be done about it."""

    field: str
    code: str
    """AAA03."""
    description: str
    followup_action: str
    followup_action_code: str
    """AAA04."""
    location: str
    """``Loop 2100C``."""
    possible_resolutions: str
    valid_request_indicator: str
    """AAA01: Y where the request was valid and refused all the same."""


class EligibilityResponse(Told, frozen=True):
    """The answer to one inquiry."""

    meta: Meaning
    control_number: str
    """As asked."""
    trading_partner_service_id: str
    payer: Payer
    provider: Provider | None = None
    subscriber: Person | None = None
    dependents: tuple[Person, ...] = ()
    plan_information: ReferenceInformation = {}
    """The numbers of the patient and of the first plan."""
    plan_date_information: DateInformation = {}
    """The dates of the patient, or else of the first plan."""
    plan_status: tuple[PlanStatus, ...] = ()
    benefits_information: tuple[BenefitInformation, ...] = ()
    errors: tuple[Error, ...] = ()
    reason: str = ""
    """Why nothing can be answered now: ``maintenance``, ``outside service hours``."""
    opens_at: str = ""
    """When it can be again, ISO 8601 with its offset; ``Retry-After`` tells the seconds until then."""
    x12: str = ""
    """The whole interchange with the 271, where it was asked for."""
