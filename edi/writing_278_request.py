"""Typed reviews to the composed segments of a 278 request (005010X217): samples, tests, the identity of a request."""

from collections.abc import Iterator
from datetime import datetime

from edi.eligibility import Trace
from edi.services_review import Diagnosis, Review, ReviewEvent, ReviewPatient, ReviewRequest, ReviewService
from edi.writing import composite, segment
from edi.writing_278 import (
    write_address,
    write_all_dates,
    write_attachments,
    write_contact,
    write_delivery,
    write_header,
    write_message,
    write_party,
    write_party_name,
    write_references,
    write_specialty,
    write_trace,
)


def write_review_request(request: ReviewRequest, written_at: datetime) -> list[str]:
    """The composed segments of one request, ST to before SE.

    Args:
        written_at: BHT04 and BHT05.
    """
    header = write_header(request.control_number, "13", request.reference, written_at, request.purpose)
    return header + write_review_levels(request)


def write_review_levels(request: ReviewRequest) -> list[str]:
    """The levels of one request, from its first HL on."""
    requester = request.requester
    segments = [
        segment("HL", "1", "", "20", "1"),
        write_party_name(request.source),
        segment("HL", "2", "1", "21", "1"),
        write_party_name(requester),
        *write_references(requester.references),
        *write_address(requester.address),
        *write_contact(requester.contact),
        *write_specialty(requester),
        segment("HL", "3", "2", "22", "1"),
        *_patient("IL", request.subscriber),
    ]
    parent = 3
    if request.dependent is not None:
        parent = 4
        segments += [segment("HL", "4", "3", "23", "1"), *_patient("QC", request.dependent)]
    number = parent
    for event in request.events:
        event_number = number = number + 1
        segments.append(segment("HL", str(number), str(parent), "EV", "1" if event.services else "0"))
        segments.extend(_event(event))
        for service in event.services:
            number += 1
            segments.append(segment("HL", str(number), str(event_number), "SS", "0"))
            segments.extend(_service(service))
    return segments


def _patient(entity_code: str, told: ReviewPatient) -> Iterator[str]:
    """2010C or 2010D."""
    patient = told.patient
    names = (patient.last_name, patient.first_name, patient.middle_name, told.prefix, patient.suffix)
    yield segment("NM1", entity_code, "1", *names, "MI" if patient.member_id else "", patient.member_id)
    yield from (segment("REF", reference.qualifier, reference.value) for reference in patient.references)
    yield from write_address(told.address)
    birth_date = patient.birth_date_sent or (f"{patient.birth_date:%Y%m%d}" if patient.birth_date else "")
    if birth_date:
        yield segment("DMG", "D8", birth_date, patient.gender)
    if patient.relationship:
        is_subscriber = entity_code == "IL"
        status = ("", "", "", "", "", told.military_status, *[""] * 8, told.birth_sequence)
        yield segment("INS", "Y" if is_subscriber else "N", patient.relationship, *status)


def _event(event: ReviewEvent) -> Iterator[str]:
    """2000E."""
    yield from _traces(event.traces)
    yield _review(event.review)
    yield from _references(event)
    yield from write_all_dates(event.dates)
    if event.diagnoses:
        yield segment("HI", *[_diagnosis(diagnosis) for diagnosis in event.diagnoses])
    yield from write_delivery(event.delivery)
    yield from (segment(*each) for each in event.clinical)
    yield from write_attachments(event.attachments)
    yield from write_message(event.message)
    for party in (*event.providers, *event.transport):
        yield from write_party(party)
    yield from (segment(*each) for each in event.other_organizations)


def _service(service: ReviewService) -> Iterator[str]:
    """2000F."""
    yield from _traces(service.traces)
    if service.review is not None:
        yield _review(service.review)
    yield from _references(service)
    yield from write_all_dates(service.dates)
    if service.line is not None:
        yield segment(*service.line.segment)
    yield from (segment(*tooth) for tooth in service.teeth)
    yield from write_delivery(service.delivery)
    yield from write_attachments(service.attachments)
    yield from write_message(service.message)
    for party in service.providers:
        yield from write_party(party)


def _traces(traces: tuple[Trace, ...]) -> Iterator[str]:
    return (write_trace(trace, trace.type_code) for trace in traces)


def _review(review: Review) -> str:
    """UM with all that a request may say there."""
    facility = composite(review.facility, review.facility_qualifier)
    level = review.level or ""
    asked = (review.category, review.certification, review.service_type)
    return segment("UM", *asked, facility, review.related_causes, level, *review.conditions)


def _references(asked: ReviewEvent | ReviewService) -> Iterator[str]:
    if asked.authorization_number:
        yield segment("REF", "BB", asked.authorization_number)
    if asked.administrative_reference:
        yield segment("REF", "NT", asked.administrative_reference)


def _diagnosis(diagnosis: Diagnosis) -> str:
    return composite(diagnosis.qualifier, diagnosis.code, "D8" if diagnosis.day else "", diagnosis.day)
