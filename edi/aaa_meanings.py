"""What each reject reason of a 271 means, what it is about and what the asker can do, in plain words."""

from collections.abc import Mapping
from dataclasses import dataclass

from edi.aaa import RejectReason


@dataclass(frozen=True, slots=True)
class Meaning:
    """One reject reason."""

    meaning: str
    element: str
    """The elements of the inquiry that it is about, by X12's names; the loop is that of the AAA."""
    mend: str


_PROVIDER = "Correct what loop 2100B says of the provider."
_SERVICE = "Ask for another service, or correct the code."
_PERSON = "Compare it with the member's card and send it as it is there."
_DATES = "Ask for a date that the payer answers about."

_MEANINGS: Mapping[RejectReason, Meaning] = {
    RejectReason.QUANTITY_EXCEEDED: Meaning(
        "more patients are asked about than one request may", "HL", "Send one patient a request, or a batch."
    ),
    RejectReason.DATA_MISSING: Meaning(
        "too little is sent to tell who is meant", "NM103, NM104, NM109, DMG02", "Send more of what is on the card."
    ),
    RejectReason.INPUT_ERROR: Meaning("an element of the inquiry is not valid", "EQ", _SERVICE),
    RejectReason.OUT_OF_NETWORK: Meaning("the provider is outside the network", "PRV03", _PROVIDER),
    RejectReason.NOT_AUTHORIZED: Meaning(
        "the provider's group has not entitled the submitter to ask this",
        "NM109",
        "Have the provider's access manager grant the entitlement.",
    ),
    RejectReason.CANNOT_RESPOND_NOW: Meaning(
        "something that the answer needs did not respond", "", "Send the inquiry again later."
    ),
    RejectReason.PROVIDER_ID: Meaning("the provider's identifier cannot be one of its kind", "NM108, NM109", _PROVIDER),
    RejectReason.PROVIDER_NAME: Meaning("the provider's name is missing or not valid", "NM103", _PROVIDER),
    RejectReason.PROVIDER_SPECIALTY: Meaning("the provider's specialty is missing or not valid", "PRV03", _PROVIDER),
    RejectReason.PROVIDER_PHONE: Meaning("the provider's phone number is missing or not valid", "PER", _PROVIDER),
    RejectReason.PROVIDER_STATE: Meaning("the provider's state is missing or not valid", "N402", _PROVIDER),
    RejectReason.REFERRING_PROVIDER_ID: Meaning("the referring provider's number is not valid", "PRV03", _PROVIDER),
    RejectReason.NOT_PRIMARY_CARE_PROVIDER: Meaning(
        "the provider is not the patient's primary care provider", "PRV01", _PROVIDER
    ),
    RejectReason.PROVIDER_MAY_NOT_INQUIRE: Meaning(
        "this provider may not inquire", "NM109", "Ask the payer for the provider's admission."
    ),
    RejectReason.PROVIDER_NOT_ON_FILE: Meaning("nobody on file has this identifier", "NM108, NM109", _PROVIDER),
    RejectReason.DATES_NOT_IN_ENROLLMENT: Meaning("the provider was not enrolled on these dates", "DTP03", _DATES),
    RejectReason.BENEFIT_NOT_FOR_PROVIDER_TYPE: Meaning(
        "what is asked does not go with this type of provider", "EQ01, EQ02", _SERVICE
    ),
    RejectReason.PRODUCT_QUALIFIER: Meaning("the kind of procedure code is not valid", "EQ02-1", _SERVICE),
    RejectReason.PRODUCT_ID: Meaning("the procedure code is not valid", "EQ02-2", _SERVICE),
    RejectReason.DATE: Meaning("a date is not valid", "DTP03", "Send a date of the calendar."),
    RejectReason.SERVICE_DATE: Meaning("the date of service is missing or not valid", "DTP03", _DATES),
    RejectReason.BIRTH_DATE: Meaning("the birth date is missing or not valid", "DMG02", _PERSON),
    RejectReason.BIRTH_DATE_AFTER_SERVICE: Meaning(
        "the birth date is later than the date asked about", "DMG02, DTP03", _PERSON
    ),
    RejectReason.DEATH_BEFORE_SERVICE: Meaning("the patient had died before the date asked about", "DTP03", _DATES),
    RejectReason.SERVICE_DATE_OUT_OF_RANGE: Meaning("the date is farther back than is answered", "DTP03", _DATES),
    RejectReason.SERVICE_DATE_IN_FUTURE: Meaning("the date is farther ahead than is answered", "DTP03", _DATES),
    RejectReason.PATIENT_ID: Meaning("the patient's id is missing or not valid", "NM109", _PERSON),
    RejectReason.PATIENT_NAME: Meaning("the patient's name is missing or not the one on file", "NM103, NM104", _PERSON),
    RejectReason.PATIENT_GENDER: Meaning("the patient's gender is not the one on file", "DMG03", _PERSON),
    RejectReason.PATIENT_NOT_FOUND: Meaning("no such patient is on file", "NM103, NM104, DMG02", _PERSON),
    RejectReason.DUPLICATE_PATIENT_ID: Meaning("more than one patient on file fits", "NM103, NM104, DMG02", _PERSON),
    RejectReason.AGE_CONFLICT: Meaning("the service does not go with the patient's age", "EQ", _SERVICE),
    RejectReason.GENDER_CONFLICT: Meaning("the service does not go with the patient's gender", "EQ", _SERVICE),
    RejectReason.BIRTH_DATE_DIFFERS: Meaning("the birth date is not the one on file", "DMG02", _PERSON),
    RejectReason.MEMBER_ID: Meaning("the member id is missing or not valid", "NM109", _PERSON),
    RejectReason.SUBSCRIBER_NAME: Meaning(
        "the subscriber's name is missing or not the one on file", "NM103, NM104", _PERSON
    ),
    RejectReason.SUBSCRIBER_GENDER: Meaning("the subscriber's gender is not the one on file", "DMG03", _PERSON),
    RejectReason.SUBSCRIBER_NOT_FOUND: Meaning("no such subscriber is on file", "NM103, NM104, NM109, DMG02", _PERSON),
    RejectReason.DUPLICATE_SUBSCRIBER_ID: Meaning(
        "more than one subscriber on file fits", "NM103, NM104, NM109, DMG02", _PERSON
    ),
    RejectReason.PATIENT_NOT_UNDER_SUBSCRIBER: Meaning(
        "the subscriber is found, but not the patient in the family", "NM103, NM104, DMG02", _PERSON
    ),
    RejectReason.NOT_IN_GROUP: Meaning("the member does not belong to the group that is sent", "REF02", _PERSON),
    RejectReason.PARTICIPANT_ID: Meaning("nobody on file has this identifier", "NM108, NM109", _PROVIDER),
    RejectReason.NO_RESPONSE_FROM_PAYER: Meaning("the payer did not respond", "", "Send the inquiry again later."),
    RejectReason.PATIENT_NOT_ELIGIBLE: Meaning(
        "the patient is not eligible", "", "Ask the patient for other coverage."
    ),
    RejectReason.PROVIDER_ADDRESS: Meaning("the provider's address is missing or not valid", "N3, N4", _PROVIDER),
    RejectReason.EXPERIMENTAL: Meaning("the service is experimental", "EQ", _SERVICE),
    RejectReason.AUTHORIZATION_NOT_FOUND: Meaning("no such authorization is on file", "REF02", _SERVICE),
    RejectReason.PRIMARY_CARE_AUTHORIZATION: Meaning(
        "the primary care provider has to authorize the service", "EQ", _SERVICE
    ),
    RejectReason.DIAGNOSIS: Meaning("the diagnosis is missing or not valid", "HI", _SERVICE),
    RejectReason.PROCEDURE: Meaning("the procedure is missing or not valid", "EQ02", _SERVICE),
    RejectReason.ADMISSION_DATE: Meaning("the date of admission is missing or not valid", "DTP03", _DATES),
    RejectReason.DISCHARGE_DATE: Meaning("the date of discharge is missing or not valid", "DTP03", _DATES),
    RejectReason.CONDITION_INFORMATION: Meaning("more about the condition is needed", "HI", _SERVICE),
    RejectReason.CERTIFICATION_MISMATCH: Meaning("the certification is another's", "REF02", _SERVICE),
    RejectReason.MEDICAL_REVIEW: Meaning("the service needs a medical review", "EQ", _SERVICE),
    RejectReason.AUTHORIZATION_FORMAT: Meaning("the authorization number is not valid", "REF02", _SERVICE),
    RejectReason.AUTHORIZATION_MISSING: Meaning("the authorization number is missing", "REF02", _SERVICE),
    RejectReason.PAYER_ID_MISSING: Meaning("the payer's name or identifier is missing", "NM103, NM109", _PROVIDER),
}


def meaning_of(reason: RejectReason) -> Meaning:
    """The row of a reject reason; every one has a row."""
    return _MEANINGS[reason]
