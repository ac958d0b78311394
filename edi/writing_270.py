"""Typed eligibility inquiries to the composed segments of a 270 (005010X279A1): samples, tests, load."""

from collections.abc import Sequence
from datetime import datetime

from edi.eligibility import EligibilityInquiry, EligibilityRequest, Party, Patient, ServiceInquiry
from edi.shared_segments import write_dates, write_party
from edi.writing import COMPONENT, repeated, segment

GUIDE = "005010X279A1"
FUNCTIONAL_IDENTIFIER = "HS"


def write_eligibility_request(request: EligibilityRequest, written_at: datetime) -> list[str]:
    """The composed segments of one 270, ST to before SE.

    Args:
        request: what to ask; inquiries of one source, receiver and subscriber stand together.
        written_at: BHT04 and BHT05.
    """
    segments = [
        segment("ST", "270", request.control_number, GUIDE),
        segment("BHT", "0022", request.purpose, request.reference, f"{written_at:%Y%m%d}", f"{written_at:%H%M}"),
    ]
    _append_levels(segments, request.inquiries)
    return segments


def _append_levels(segments: list[str], inquiries: Sequence[EligibilityInquiry]) -> None:
    source: Party | None = None
    receiver: Party | None = None
    subscriber: Patient | None = None
    number = source_number = receiver_number = subscriber_number = 0
    for index, inquiry in enumerate(inquiries):
        if inquiry.source != source:
            number = source_number = number + 1
            source, receiver, subscriber = inquiry.source, None, None
            segments += [segment("HL", str(number), "", "20", "1"), write_party(source)]
        if inquiry.receiver != receiver:
            number = receiver_number = number + 1
            receiver, subscriber = inquiry.receiver, None
            segments += [segment("HL", str(number), str(source_number), "21", "1"), write_party(receiver)]
            segments += [segment("REF", r.qualifier, r.value) for r in inquiry.receiver_references]
        if inquiry.subscriber != subscriber:
            number = subscriber_number = number + 1
            subscriber = inquiry.subscriber
            has_dependents = any(i.dependent and i.subscriber == subscriber for i in inquiries[index:])
            segments.append(segment("HL", str(number), str(receiver_number), "22", "1" if has_dependents else "0"))
            _append_patient(segments, "IL", subscriber, inquiry if inquiry.dependent is None else None)
        if inquiry.dependent is not None:
            number += 1
            segments.append(segment("HL", str(number), str(subscriber_number), "23", "0"))
            _append_patient(segments, "03", inquiry.dependent, inquiry)


def _append_patient(
    segments: list[str], entity_code: str, patient: Patient, inquiry: EligibilityInquiry | None
) -> None:
    """2100C or 2100D, with the traces and services of ``inquiry`` where it is this patient that is asked about."""
    if inquiry is not None:
        segments += [segment("TRN", t.type_code, t.number, t.originator, t.additional) for t in inquiry.traces]
    name = (patient.last_name, patient.first_name, patient.middle_name, "", patient.suffix)
    segments.append(segment("NM1", entity_code, "1", *name, "MI" if patient.member_id else "", patient.member_id))
    segments += [segment("REF", r.qualifier, r.value) for r in patient.references]
    birth_date = patient.birth_date_sent or (f"{patient.birth_date:%Y%m%d}" if patient.birth_date else "")
    if birth_date or patient.gender:
        segments.append(segment("DMG", "D8" if birth_date else "", birth_date, patient.gender))
    if patient.relationship:
        segments.append(segment("INS", "Y" if entity_code == "IL" else "N", patient.relationship))
    if patient.dates is not None:
        segments.append(write_dates("291", patient.dates))
    if inquiry is not None:
        for service in inquiry.services:
            _append_service(segments, service)


def _append_service(segments: list[str], service: ServiceInquiry) -> None:
    """2110C/D: EQ and its date."""
    procedure = service.procedure.replace(":", COMPONENT)
    segments.append(segment("EQ", repeated(service.service_types), procedure, service.coverage_level))
    if service.dates is not None:
        segments.append(write_dates("291", service.dates))
