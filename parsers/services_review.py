"""A 278 request that conforms to its guide (005010X217), to a typed review.

Only values are read here: that the required segments and elements are there, in their order and with their codes, is
the guide check's business, and this reader is given nothing that has not passed it.
"""

from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise

from edi.delimiters import Delimiters
from edi.eligibility import Dates, Patient, Reference, Trace
from edi.services_review import (
    Attachment,
    Contact,
    Delivery,
    Diagnosis,
    PartyReference,
    PostalAddress,
    Review,
    ReviewEvent,
    ReviewParty,
    ReviewPatient,
    ReviewRequest,
    ReviewService,
)
from edi.services_review_codes import CertificationType, LevelOfService, RequestCategory
from edi.services_review_lines import ServiceLine, Verbatim, decimal_of
from edi.writing import COMPONENT, REPETITION
from parsers.frames import Segment, TransactionSet, element_of
from parsers.reading import day_of, levels_of, padded, period_of

_NOBODY = ReviewPatient(Patient())
_CLINICAL = frozenset({"CRC", "CL1", "CR1", "CR2", "CR5", "CR6"})
_SERVICE_LINES = frozenset({"SV1", "SV2", "SV3"})
_TRANSPORT = frozenset({"45", "FS", "ND", "PW", "R3"})
_OTHER_ORGANIZATIONS = frozenset({"00", "CA", "GG"})
"""NM101 of 2010EB and 2010EC."""


def read_services_review(transaction: TransactionSet, delimiters: Delimiters) -> ReviewRequest:
    """The typed form of a 278 request that the guide check has accepted."""
    _, bht, *rest = transaction.segments
    source = requester = ReviewParty("", "")
    subscriber: ReviewPatient = _NOBODY
    dependent: ReviewPatient | None = None
    events: list[ReviewEvent] = []
    for level in levels_of(_with_our_separators(rest, delimiters)):
        match level[0][3]:
            case "20":
                source = _party(level[1:])
            case "21":
                requester = _party(level[1:])
            case "22":
                subscriber = _patient(level)
            case "23":
                dependent = _patient(level)
            case "EV":
                events.append(_event(level))
            case _:
                events[-1] = replace(events[-1], services=(*events[-1].services, _service(level)))
    return ReviewRequest(
        control_number=transaction.control_number,
        reference=element_of(bht, 3),
        source=source,
        requester=requester,
        subscriber=subscriber,
        dependent=dependent,
        events=tuple(events),
        purpose=element_of(bht, 6),
    )


def _with_our_separators(segments: list[Segment], delimiters: Delimiters) -> list[Segment]:
    """The same with the separators of ``edi.writing`` inside elements."""
    separators = str.maketrans({delimiters.component: COMPONENT, delimiters.repetition: REPETITION})
    return [[element.translate(separators) for element in segment] for segment in segments]


def _split(level: list[Segment]) -> tuple[list[Segment], list[list[Segment]]]:
    """What stands before the first NM1, and the loop of each NM1."""
    starts = [index for index, segment in enumerate(level) if segment[0] == "NM1"]
    return level[: starts[0]] if starts else level, [level[a:b] for a, b in pairwise([*starts, len(level)])]


def _all(segments: Iterable[Segment], *identifiers: str) -> list[Segment]:
    return [segment for segment in segments if segment[0] in identifiers]


def _first(segments: Iterable[Segment], identifier: str, qualifier: str = "") -> Segment:
    """The first segment of its kind, under its qualifier where one is given; empty where there is none."""
    return next((s for s in segments if s[0] == identifier and (not qualifier or s[1] == qualifier)), [])


def _party(loop: list[Segment]) -> ReviewParty:
    """2010A, 2010B, 2010EA, 2010EB or 2010F."""
    name = padded(_first(loop, "NM1"), 10)
    return ReviewParty(
        entity_code=name[1],
        entity_type=name[2],
        name=name[3],
        first_name=name[4],
        middle_name=name[5],
        prefix=name[6],
        suffix=name[7],
        identifier_qualifier=name[8],
        identifier=name[9],
        references=tuple([PartyReference(s[1], element_of(s, 2), element_of(s, 3)) for s in _all(loop, "REF")]),
        address=_address(loop),
        contact=_contact(_first(loop, "PER")),
        specialty=tuple(_first(loop, "PRV")),
    )


def _address(loop: list[Segment]) -> PostalAddress:
    return PostalAddress(tuple(_first(loop, "N3")[1:]), tuple(_first(loop, "N4")[1:]))


def _contact(per: Segment) -> Contact | None:
    if not per:
        return None
    numbers = [(per[at], element_of(per, at + 1)) for at in (3, 5, 7) if element_of(per, at)]
    return Contact(element_of(per, 2), tuple(numbers))


def _patient(level: list[Segment]) -> ReviewPatient:
    """2010C or 2010D; names in upper case, as all that we send."""
    name = padded(_first(level, "NM1"), 10)
    demographics = _first(level, "DMG")
    insured = _first(level, "INS")
    birth_date = element_of(demographics, 2)
    patient = Patient(
        last_name=name[3].upper(),
        first_name=name[4].upper(),
        middle_name=name[5].upper(),
        suffix=name[7].upper(),
        member_id=name[9].upper(),
        birth_date=day_of(birth_date),
        birth_date_sent=birth_date,
        gender=element_of(demographics, 3),
        references=tuple([Reference(s[1], element_of(s, 2)) for s in _all(level, "REF")]),
        relationship=element_of(insured, 2),
    )
    return ReviewPatient(patient, name[6], _address(level), element_of(insured, 8), element_of(insured, 17))


def _event(level: list[Segment]) -> ReviewEvent:
    """2000E without its services."""
    head, loops = _split(level)
    other = [loop for loop in loops if loop[0][1] in _OTHER_ORGANIZATIONS]
    return ReviewEvent(
        review=_review(_first(head, "UM")),
        traces=_traces(head),
        authorization_number=element_of(_first(head, "REF", "BB"), 2),
        administrative_reference=element_of(_first(head, "REF", "NT"), 2),
        dates=_dates(head),
        diagnoses=tuple([_diagnosis(element) for element in _first(head, "HI")[1:]]),
        delivery=_delivery(_first(head, "HSD")),
        clinical=_verbatim(_all(head, *_CLINICAL)),
        attachments=_attachments(head),
        message=element_of(_first(head, "MSG"), 1),
        providers=tuple([_party(loop) for loop in loops if loop[0][1] not in _TRANSPORT | _OTHER_ORGANIZATIONS]),
        transport=tuple([_party(loop) for loop in loops if loop[0][1] in _TRANSPORT]),
        other_organizations=_verbatim(segment for loop in other for segment in loop),
    )


def _service(level: list[Segment]) -> ReviewService:
    """2000F."""
    head, loops = _split(level)
    review = _first(head, "UM")
    line = _all(head, *_SERVICE_LINES)
    return ReviewService(
        traces=_traces(head),
        review=_review(review) if review else None,
        authorization_number=element_of(_first(head, "REF", "BB"), 2),
        administrative_reference=element_of(_first(head, "REF", "NT"), 2),
        dates=_dates(head),
        line=ServiceLine(tuple(line[0])) if line else None,
        teeth=_verbatim(_all(head, "TOO")),
        delivery=_delivery(_first(head, "HSD")),
        attachments=_attachments(head),
        message=element_of(_first(head, "MSG"), 1),
        providers=tuple([_party(loop) for loop in loops]),
    )


def _review(um: Segment) -> Review:
    facility, _, qualifier = element_of(um, 4).partition(COMPONENT)
    level = element_of(um, 6)
    return Review(
        category=RequestCategory(um[1]),
        certification=CertificationType(um[2]),
        service_type=element_of(um, 3),
        facility=facility,
        facility_qualifier=qualifier,
        level=LevelOfService(level) if level else None,
        related_causes=element_of(um, 5),
        conditions=tuple(um[7:]),
    )


def _traces(head: list[Segment]) -> tuple[Trace, ...]:
    return tuple([Trace(s[1], s[2], element_of(s, 3), element_of(s, 4)) for s in _all(head, "TRN")])


def _diagnosis(element: str) -> Diagnosis:
    qualifier, code, _, day = padded(element.split(COMPONENT), 4)[:4]
    return Diagnosis(qualifier, code, day)


def _delivery(hsd: Segment) -> Delivery | None:
    if not hsd:
        return None
    return Delivery(element_of(hsd, 1), decimal_of(element_of(hsd, 2)), tuple(hsd[3:]))


def _attachments(head: list[Segment]) -> tuple[Attachment, ...]:
    return tuple([Attachment(s[1], s[2], element_of(s, 6), element_of(s, 7)) for s in _all(head, "PWK")])


def _verbatim(segments: Iterable[Segment]) -> tuple[Verbatim, ...]:
    return tuple([tuple(segment) for segment in segments])


def _dates(head: list[Segment]) -> tuple[Dates, ...]:
    read = [(segment[1], period_of(element_of(segment, 3))) for segment in _all(head, "DTP")]
    return tuple([Dates(qualifier, period) for qualifier, period in read if period is not None])
