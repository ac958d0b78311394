"""Segments that a 278 request and its response compose alike (005010X217)."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal

from edi.eligibility import Dates, Trace
from edi.services_review import (
    Attachment,
    Contact,
    Delivery,
    PartyReference,
    PostalAddress,
    ReviewParty,
)
from edi.shared_segments import write_dates
from edi.writing import segment

GUIDE = "005010X217"
FUNCTIONAL_IDENTIFIER = "HI"
STRUCTURE = "0007"
"""BHT01."""


def write_header(control_number: str, purpose: str, reference: str, written_at: datetime, kind: str) -> list[str]:
    """ST and BHT.

    Args:
        purpose: BHT02: 13 request, 11 response.
        kind: BHT06.
    """
    moment = (f"{written_at:%Y%m%d}", f"{written_at:%H%M}")
    return [
        segment("ST", "278", control_number, GUIDE),
        segment("BHT", STRUCTURE, purpose, reference, *moment, kind),
    ]


def write_party_name(party: ReviewParty) -> str:
    """NM1."""
    names = (party.name, party.first_name, party.middle_name, party.prefix, party.suffix)
    return segment("NM1", party.entity_code, party.entity_type, *names, party.identifier_qualifier, party.identifier)


def write_references(references: Iterable[PartyReference]) -> list[str]:
    """REF of a party."""
    return [segment("REF", reference.qualifier, reference.value, reference.state) for reference in references]


def write_address(address: PostalAddress) -> list[str]:
    """N3 and N4, each where there is something to tell."""
    segments = [segment("N3", *address.lines)] if address.lines else []
    return [*segments, segment("N4", *address.place)] if address.place else segments


def write_contact(contact: Contact | None) -> list[str]:
    """PER."""
    if contact is None:
        return []
    return [segment("PER", "IC", contact.name, *[part for number in contact.numbers for part in number])]


def write_party(party: ReviewParty, between: Sequence[str] = ()) -> list[str]:
    """A whole loop of a party.

    Args:
        between: what comes before PRV, the last segment.
    """
    return [
        write_party_name(party),
        *write_references(party.references),
        *write_address(party.address),
        *write_contact(party.contact),
        *between,
        *write_specialty(party),
    ]


def write_specialty(party: ReviewParty) -> list[str]:
    """PRV."""
    return [segment(*party.specialty)] if party.specialty else []


def write_trace(trace: Trace, type_code: str) -> str:
    """TRN."""
    return segment("TRN", type_code, trace.number, trace.originator, trace.additional)


def write_all_dates(dates: Iterable[Dates]) -> list[str]:
    """DTP."""
    return [write_dates(each.qualifier, each.period) for each in dates]


def write_delivery(delivery: Delivery | None) -> list[str]:
    """HSD."""
    if delivery is None:
        return []
    return [segment("HSD", delivery.unit, write_number(delivery.quantity), *delivery.pattern)]


def write_attachments(attachments: Iterable[Attachment]) -> list[str]:
    """PWK."""
    return [
        segment(
            "PWK",
            each.report_type,
            each.transmission,
            "",
            "",
            "AC" if each.control_number else "",
            each.control_number,
            each.description,
        )
        for each in attachments
    ]


def write_message(message: str) -> list[str]:
    """MSG."""
    return [segment("MSG", message)] if message else []


def write_number(value: Decimal | None) -> str:
    """X12 type R: no exponent, no zeros at the end of a fraction; empty for none."""
    return "" if value is None else f"{value.normalize():f}"
