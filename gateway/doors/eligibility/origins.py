"""From what the guide check finds in a 270 back to the fields of the JSON request that it was written from."""

from collections.abc import Mapping

from edi.acknowledgment_codes import ElementError
from gateway.doors.eligibility.faults import Fault
from parsers.explaining import explain, reference
from parsers.findings import Finding
from parsers.frames import TransactionSet, element_of

_SUBSCRIBER, _DEPENDENT = "subscriber", "dependents[0]"
_PATIENTS = {"2000C": _SUBSCRIBER, "2100C": _SUBSCRIBER, "2000D": _DEPENDENT, "2100D": _DEPENDENT}
_PARTS: Mapping[str, str] = {
    "2100A": "tradingPartnerServiceId",
    "2100B": "provider",
    **_PATIENTS,
    "2110C": "encounter",
    "2110D": "encounter",
}
"""The part of the request that a loop was written from."""

_NAMES = {3: "lastName", 4: "firstName", 5: "middleName", 7: "suffix", 9: "memberId"}
_REFERENCES = {
    "18": "additionalIdentification.planNumber",
    "1L": "additionalIdentification.policyNumber",
    "6P": "groupNumber",
    "EJ": "additionalIdentification.patientAccountNumber",
    "HJ": "idCard",
    "NQ": "medicaidRecipientIdentificationNumber",
    "SY": "ssn",
}
_IDENTIFIERS = {"XX": "provider.npi", "SV": "provider.serviceProviderNumber", "FI": "provider.taxId"}
_PATIENT_FIELDS: Mapping[tuple[str, int], str] = {
    **{("NM1", element): name for element, name in _NAMES.items()},
    ("DMG", 2): "dateOfBirth",
    ("DMG", 3): "gender",
    ("INS", 2): "individualRelationshipCode",
}
_PROCEDURE_PARTS = {1: "productOrServiceIDQualifier", 2: "procedureCode"}
_FIRST_MODIFIER = 3
"""Component of EQ02."""


def fault_of(finding: Finding, transaction: TransactionSet) -> Fault:
    """The fault that a finding is: in which field, and what is wrong, without the value."""
    meaning = explain(finding.code).meaning
    return Fault(_field(finding, transaction), f"{meaning[:1].upper()}{meaning[1:]} ({reference(finding)})")


def _field(finding: Finding, transaction: TransactionSet) -> str:
    loop = finding.loop.rpartition("/")[2]
    segment = _segment(finding, transaction)
    part = _PARTS.get(loop, "")
    if loop == "2100B":
        return _provider_field(finding, segment)
    if loop in _PATIENTS:
        return _patient_field(finding, segment, part)
    if part == "encounter":
        return _service_field(finding)
    return part


def _segment(finding: Finding, transaction: TransactionSet) -> list[str]:
    """The segment that the finding is about; an absent one is as if it were empty."""
    position = finding.segment or 0
    segment = transaction.segments[position - 1] if 0 < position <= len(transaction.segments) else [""]
    return segment if segment[0] == finding.segment_id else [finding.segment_id]


def _provider_field(finding: Finding, segment: list[str]) -> str:
    if finding.segment_id == "REF":
        return "provider.taxId"
    if finding.element == 9:
        return _IDENTIFIERS.get(element_of(segment, 8), "provider.npi")
    if finding.element == 4:
        return "provider.firstName"
    return "provider.organizationName" if element_of(segment, 2) == "2" else "provider.lastName"


def _patient_field(finding: Finding, segment: list[str], part: str) -> str:
    if finding.segment_id == "DTP":
        return "encounter.dateOfService"
    if finding.segment_id == "REF":
        name = _REFERENCES.get(element_of(segment, 1), "")
    else:
        name = _PATIENT_FIELDS.get((finding.segment_id, finding.element or 0), "")
    return f"{part}.{name}" if name else part


def _service_field(finding: Finding) -> str:
    if finding.segment_id != "EQ":
        return "encounter"
    if finding.element == 1:
        is_list = finding.repetition is None or finding.code is ElementError.TOO_MANY_REPETITIONS
        return "encounter.serviceTypeCodes" + ("" if is_list else f"[{(finding.repetition or 1) - 1}]")
    component = finding.component or 0
    if component >= _FIRST_MODIFIER:
        return f"encounter.procedureModifiers[{component - _FIRST_MODIFIER}]"
    return f"encounter.{_PROCEDURE_PARTS.get(component, 'procedureCode')}"
