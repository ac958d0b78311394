"""From what the guide check finds in a 278 back to the fields of the JSON request that it was written from."""

from collections.abc import Mapping

from gateway.doors.eligibility.faults import Fault
from parsers.explaining import explain, reference
from parsers.findings import Finding
from parsers.frames import TransactionSet, element_of

_NAMES = {3: "lastName", 4: "firstName", 5: "middleName", 7: "suffix", 9: "memberId"}
_PARTS: Mapping[str, str] = {
    "2010A": "tradingPartnerServiceId",
    "2010B": "requester",
    "2010C": "subscriber",
    "2010D": "dependents[0]",
    "2010EA": "providers",
    "2010F": "providers",
}
"""What of the request a loop was written from; an event is the request itself."""
_PARTIES = frozenset({"2010B", "2010EA", "2010F"})
_PATIENTS = frozenset({"2010C", "2010D"})
_SERVICES = frozenset({"2000F", "2010F"})
_SERVICE_LEVEL = "SS"
"""HL03."""

_ELEMENTS: Mapping[tuple[str, int], str] = {
    ("TRN", 2): "traceNumber",
    ("TRN", 3): "traceOriginator",
    ("UM", 3): "serviceType",
    ("UM", 4): "placeOfService",
    ("HSD", 1): "unit",
    ("HSD", 2): "quantity",
    ("SV1", 1): "procedureCode",
    ("SV1", 3): "unit",
    ("SV1", 4): "quantity",
    ("SV2", 1): "revenueCode",
    ("SV2", 2): "procedureCode",
    ("SV2", 4): "unit",
    ("SV2", 5): "quantity",
    ("SV3", 1): "procedureCode",
    ("SV3", 6): "quantity",
}
_SEGMENTS = {"HI": "diagnoses", "NM1": "providers", "PWK": "documents", "MSG": "message", "SV3": "quantity"}
"""The part of an event or service that a segment was written from."""
_DATES = {"435": "admissionDate", "096": "dischargeDate"}
"""By DTP01; else the days of service."""
_REFERENCES = {"BB": "authorizationNumber", "NT": "administrativeReference", "6P": "groupNumber"}
_REFERENCES |= {"EJ": "patientAccountNumber", "EI": "taxId"}
"""By REF01."""
_PATIENT_ELEMENTS: Mapping[tuple[str, int], str] = {
    **{("NM1", element): name for element, name in _NAMES.items()},
    ("DMG", 2): "dateOfBirth",
    ("DMG", 3): "gender",
    ("INS", 2): "individualRelationshipCode",
}


def fault_of(finding: Finding, transaction: TransactionSet) -> Fault:
    """The fault that a finding is: in which field, and what is wrong, without the value."""
    meaning = explain(finding.code).meaning
    return Fault(_field(finding, transaction), f"{meaning[:1].upper()}{meaning[1:]} ({reference(finding)})")


def _field(finding: Finding, transaction: TransactionSet) -> str:
    loop = finding.loop.rpartition("/")[2]
    segment = _segment(finding, transaction)
    path = [f"services[{_service(finding, transaction)}]"] if loop in _SERVICES else []
    if loop in _PARTS:
        path.append(_PARTS[loop])
    name = _name(loop, finding, segment)
    return ".".join([*path, name] if name else path)


def _name(loop: str, finding: Finding, segment: list[str]) -> str:
    """Of the field within its part; empty where the part as a whole is wrong."""
    if finding.segment_id == "REF":
        return _REFERENCES.get(element_of(segment, 1), "")
    if finding.segment_id == "DTP":
        return _DATES.get(element_of(segment, 1), "dateOfService")
    if loop in _PATIENTS:
        return _PATIENT_ELEMENTS.get((finding.segment_id, finding.element or 0), "")
    if loop in _PARTIES:
        return _party_field(finding, segment)
    if finding.segment_id == "HI" and finding.element:
        return f"diagnoses[{finding.element - 1}]"
    known = _ELEMENTS.get((finding.segment_id, finding.element or 0), "")
    return known or _SEGMENTS.get(finding.segment_id, "")


def _party_field(finding: Finding, segment: list[str]) -> str:
    if finding.element == 9:
        return "taxId" if element_of(segment, 8) == "24" else "npi"
    if finding.element == 1:
        return "role"
    if finding.element == 4:
        return "firstName"
    return "organizationName" if element_of(segment, 2) == "2" else "lastName"


def _segment(finding: Finding, transaction: TransactionSet) -> list[str]:
    """The segment that the finding is about; an absent one is as if it were empty."""
    position = finding.segment or 0
    segment = transaction.segments[position - 1] if 0 < position <= len(transaction.segments) else [""]
    return segment if segment[0] == finding.segment_id else [finding.segment_id]


def _service(finding: Finding, transaction: TransactionSet) -> int:
    """Which service a finding is in, counted from 0."""
    before = transaction.segments[: finding.segment or 0]
    return max(0, sum(each[0] == "HL" and element_of(each, 3) == _SERVICE_LEVEL for each in before) - 1)
