"""What somebody at a front desk can do about each reject reason (AAA03), in plain words."""

from collections.abc import Mapping

from edi.aaa import Loop, RejectReason

_HINTS: Mapping[RejectReason, str] = {
    RejectReason.QUANTITY_EXCEEDED: "Ask about one patient in each request.",
    RejectReason.DATA_MISSING: "Send more: member id, last name, first name and date of birth find nearly everybody.",
    RejectReason.INPUT_ERROR: "Compare the request with the patient's card and with the schema.",
    RejectReason.OUT_OF_NETWORK: "Ask as a provider of the patient's network, or call the payer.",
    RejectReason.NOT_AUTHORIZED: (
        "Have the provider group's access manager entitle you to eligibility inquiries for its tax id."
    ),
    RejectReason.CANNOT_RESPOND_NOW: "Nothing is wrong with the request: send it again in a few minutes.",
    RejectReason.PROVIDER_ID: "Check the provider's NPI (ten digits, the last a check digit) or tax id (nine digits).",
    RejectReason.PROVIDER_NAME: "Send the provider's name as the payer has it.",
    RejectReason.PROVIDER_SPECIALTY: "Ask as a provider of a fitting specialty, or call the payer.",
    RejectReason.PROVIDER_PHONE: "Have the payer correct the provider's telephone number.",
    RejectReason.PROVIDER_STATE: "Have the payer correct the provider's state.",
    RejectReason.REFERRING_PROVIDER_ID: "Check the referring provider's number.",
    RejectReason.NOT_PRIMARY_CARE_PROVIDER: "Ask as the patient's primary care provider.",
    RejectReason.PROVIDER_MAY_NOT_INQUIRE: "Have the payer allow this provider's inquiries.",
    RejectReason.PROVIDER_NOT_ON_FILE: "Check the NPI; when it is right, have the provider enrolled with the payer.",
    RejectReason.DATES_NOT_IN_ENROLLMENT: "Ask for a day on which the provider took part in the plan.",
    RejectReason.BENEFIT_NOT_FOR_PROVIDER_TYPE: "Ask for services that a provider of this kind gives.",
    RejectReason.PRODUCT_QUALIFIER: "Check productOrServiceIDQualifier; HC is for HCPCS and CPT codes.",
    RejectReason.PRODUCT_ID: "Check procedureCode against its code list.",
    RejectReason.DATE: "Check each date of the request.",
    RejectReason.SERVICE_DATE: "Send a date of service that the calendar has, ranges with the earlier day first.",
    RejectReason.BIRTH_DATE: "Send the patient's date of birth, as on the card.",
    RejectReason.BIRTH_DATE_AFTER_SERVICE: "Check date of birth and date of service: the birth comes first.",
    RejectReason.DEATH_BEFORE_SERVICE: "Check the date of service; the payer has an earlier date of death.",
    RejectReason.SERVICE_DATE_OUT_OF_RANGE: "Ask for a day of the last 12 months or of the current month.",
    RejectReason.SERVICE_DATE_IN_FUTURE: "Ask again nearer to the date of service.",
    RejectReason.PATIENT_ID: "Check the patient's id against the card.",
    RejectReason.PATIENT_NAME: "Check the spelling of the patient's last and first name.",
    RejectReason.PATIENT_GENDER: "Check the patient's gender, or leave it out.",
    RejectReason.PATIENT_NOT_FOUND: "Check the patient's name and date of birth, and that this is the right payer.",
    RejectReason.DUPLICATE_PATIENT_ID: "Several persons fit: send first name and date of birth too.",
    RejectReason.AGE_CONFLICT: "Check the service against the patient's age.",
    RejectReason.GENDER_CONFLICT: "Check the service against the patient's gender.",
    RejectReason.BIRTH_DATE_DIFFERS: "Check the date of birth: the payer has another for this person.",
    RejectReason.MEMBER_ID: "Check the member id against the card; leave it out to be found by name and birth date.",
    RejectReason.SUBSCRIBER_NAME: "Check the spelling of the subscriber's last and first name.",
    RejectReason.SUBSCRIBER_GENDER: "Check the subscriber's gender, or leave it out.",
    RejectReason.SUBSCRIBER_NOT_FOUND: "Check member id, name and date of birth, and that this is the right payer.",
    RejectReason.DUPLICATE_SUBSCRIBER_ID: "Several persons fit: send member id, first name and date of birth too.",
    RejectReason.PATIENT_NOT_UNDER_SUBSCRIBER: "Check the dependent's name and date of birth, and whose card it is.",
    RejectReason.NOT_IN_GROUP: "Check the group number, or leave it out.",
    RejectReason.PARTICIPANT_ID: "Check your identifier and the payer's.",
    RejectReason.NO_RESPONSE_FROM_PAYER: "Send the request again later.",
    RejectReason.PATIENT_NOT_ELIGIBLE: "Ask the patient for other coverage.",
    RejectReason.PROVIDER_ADDRESS: "Have the payer correct the provider's address.",
    RejectReason.EXPERIMENTAL: "Call the payer about coverage of this service.",
    RejectReason.AUTHORIZATION_NOT_FOUND: "Check the authorization number.",
    RejectReason.PRIMARY_CARE_AUTHORIZATION: "Get the primary care provider's authorization first.",
    RejectReason.DIAGNOSIS: "Check the diagnosis codes.",
    RejectReason.PROCEDURE: "Check the procedure code and its modifiers.",
    RejectReason.ADMISSION_DATE: "Check the date of admission.",
    RejectReason.DISCHARGE_DATE: "Check the date of discharge.",
    RejectReason.CONDITION_INFORMATION: "Send more about the patient's condition.",
    RejectReason.CERTIFICATION_MISMATCH: "Check that the certification is this patient's.",
    RejectReason.MEDICAL_REVIEW: "Ask the payer for a medical review.",
    RejectReason.AUTHORIZATION_FORMAT: "Check the form of the authorization number.",
    RejectReason.AUTHORIZATION_MISSING: "Send the authorization number.",
    RejectReason.PAYER_ID_MISSING: "Send the payer's id in tradingPartnerServiceId.",
}
_IN_LOOP: Mapping[tuple[RejectReason, Loop], str] = {
    (RejectReason.NOT_AUTHORIZED, Loop.SOURCE): "Ask the payer to set up your access.",
    (RejectReason.DATA_MISSING, Loop.RECEIVER): "Send the provider's name and NPI.",
}
"""Where a reason calls for something else than in most loops."""


def hint(reason: RejectReason, loop: Loop) -> str:
    """What to do about a rejection."""
    return _IN_LOOP.get((reason, loop)) or _HINTS[reason]
