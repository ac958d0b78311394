"""One benefit of an eligibility answer to the composed segments of loops 2110 and 2120 (005010X279A1)."""

import re
from itertools import islice

from edi.eligibility import Benefit, Reference, Rejection, RelatedEntity
from edi.places import STATES
from edi.shared_segments import write_dates
from edi.texts import mark, paragraphs, prose
from edi.writing import COMPONENT, ELEMENT, REPETITION, SEGMENT, number, segment

_RELATED_BEGIN = segment("LS", "2120")
_RELATED_END = segment("LE", "2120")
_INDICATOR = {True: "Y", False: "N", None: ""}

_NAME_MAX, _FIRST_NAME_MAX = 60, 35
_STREET_MAX, _CITY_MIN, _CITY_MAX, _POSTAL_CODE_MIN, _POSTAL_CODE_MAX = 55, 2, 30, 3, 15
_PLAN_NAME_MAX, _MESSAGE_MAX, _MESSAGES_MAX, _COMMUNICATION_MAX = 50, 264, 10, 256
"""Lengths in characters (NM1, N3, N4, EB05, MSG01, PER04) and segments (MSG) of 005010X279A1."""
_DIGITS, _LETTER = re.compile("[0-9]+"), re.compile("[A-Za-z]")
_NATIONAL_LENGTH = 10
"""Digits of a telephone number."""


def write_benefit(benefit: Benefit) -> str:
    """The segments of one 2110 loop in the order of the guide, kept with the benefit for the next time."""
    segments = [_eb(benefit)]
    segments.extend(map(write_reference, benefit.references))
    segments.extend([write_dates(dates.qualifier, dates.period) for dates in benefit.dates])
    segments.extend([write_rejection(rejection) for rejection in benefit.rejections])
    pieces = (piece for message in benefit.messages for piece in paragraphs(message, _MESSAGE_MAX))
    segments.extend([segment("MSG", piece) for piece in islice(pieces, _MESSAGES_MAX)])
    segments.extend([segment("III", "ZZ", place) for place in benefit.places_of_service])
    if benefit.related:
        segments.append(_RELATED_BEGIN)
        for entity in benefit.related:
            _append_related(segments, entity)
        segments.append(_RELATED_END)
    written = SEGMENT.join(segments)
    object.__setattr__(benefit, "written", written)
    return written


def _eb(benefit: Benefit) -> str:
    return ELEMENT.join(
        (
            "EB",
            benefit.kind,
            benefit.level or "",
            REPETITION.join(benefit.service_types),
            benefit.insurance_type,
            prose(benefit.plan_name, _PLAN_NAME_MAX),
            benefit.period or "",
            "" if benefit.amount is None else number(benefit.amount),
            "" if benefit.percent is None else number(benefit.percent),
            benefit.quantity_qualifier,
            "" if benefit.quantity is None else number(benefit.quantity),
            _INDICATOR[benefit.authorization_required],
            benefit.network or "",
            benefit.procedure.replace(":", COMPONENT),
        )
    ).rstrip(ELEMENT)


def _append_related(segments: list[str], entity: RelatedEntity) -> None:
    """One 2120 loop."""
    name = (prose(entity.name, _NAME_MAX), prose(entity.first_name, _FIRST_NAME_MAX))
    identifier = (entity.identifier_qualifier, mark(entity.identifier)) if entity.identifier else ()
    segments.append(segment("NM1", entity.entity_code, entity.entity_type, *name, "", "", "", *identifier))
    append_address(segments, entity.address)
    numbers = (("TE", _phone(entity.phone)), ("UR", _web(entity.web)))
    contacts = [part for number in numbers if number[1] for part in number]
    if contacts:
        segments.append(segment("PER", "IC", "", *contacts))


def _phone(phone: str) -> str:
    """The digits of a telephone number as PER04 has it: without the country's 1, and without an extension."""
    digits = "".join(_DIGITS.findall(_LETTER.split(phone)[0]))[:_COMMUNICATION_MAX]
    return digits[1:] if len(digits) == _NATIONAL_LENGTH + 1 and digits[0] == "1" else digits


def _web(address: str) -> str:
    """A web address without its scheme, which holds the component separator."""
    return mark(address.strip().rpartition("://")[2])[:_COMMUNICATION_MAX]


def append_address(segments: list[str], address: tuple[str, ...]) -> None:
    """N3 and N4; a part that they cannot hold is left out, and with the first street line or the city its segment."""
    if not address:
        return
    *streets, city, state, postal_code = address
    told = [street for street in [prose(street, _STREET_MAX) for street in streets] if street]
    if told:
        segments.append(segment("N3", *told))
    city = prose(city, _CITY_MAX)
    if len(city) >= _CITY_MIN:
        segments.append(segment("N4", city, state if state in STATES else "", _postal_code(postal_code)))


def _postal_code(postal_code: str) -> str:
    """Letters and digits alone; empty when they are no postal code."""
    told = "".join(filter(str.isalnum, prose(postal_code, len(postal_code))))
    return told if _POSTAL_CODE_MIN <= len(told) <= _POSTAL_CODE_MAX else ""


def write_rejection(rejection: Rejection) -> str:
    """An AAA."""
    return segment("AAA", "Y" if rejection.request_valid else "N", "", rejection.reason, rejection.action)


def write_reference(reference: Reference) -> str:
    """A REF."""
    return segment("REF", reference.qualifier, mark(reference.value))
