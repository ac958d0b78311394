"""Typed claim status inquiries to the composed segments of a 276 (005010X212): samples, tests, load."""

from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import groupby
from operator import attrgetter

from edi.claim_status import ClaimInquiry, ClaimPatient, ClaimStatusRequest, LineInquiry
from edi.shared_segments import write_dates, write_party
from edi.texts import UNTELLABLE, mark
from edi.writing import COMPONENT, day, number, segment

GUIDE = "005010X212"
FUNCTIONAL_IDENTIFIER = "HR"

_REFERENCES: tuple[tuple[str, Callable[[ClaimInquiry], str]], ...] = (
    ("1K", attrgetter("claim_number")),
    ("BLT", attrgetter("bill_type")),
    ("LU", attrgetter("location")),
    ("6P", attrgetter("group_number")),
    ("EJ", attrgetter("patient_account")),
    ("XZ", attrgetter("prescription")),
    ("D9", attrgetter("clearinghouse_number")),
)
"""REF01 and what of the inquiry it holds, in the guide's order."""


def write_claim_status_request(request: ClaimStatusRequest, written_at: datetime) -> list[str]:
    """The composed segments of one 276, ST to before SE.

    Args:
        request: what to ask; inquiries of one source, receiver, provider and patient stand together.
        written_at: BHT04 and BHT05.
    """
    return [
        segment("ST", "276", request.control_number, GUIDE),
        segment("BHT", "0010", "13", request.reference, day(written_at.date()), f"{written_at:%H%M}"),
        *_Hierarchy().segments(request.inquiries),
    ]


class _Hierarchy:
    """Writes the HL tree: a level is opened when it differs from that of the inquiry before."""

    def __init__(self) -> None:
        self._number = 0

    def segments(self, inquiries: tuple[ClaimInquiry, ...]) -> Iterator[str]:
        for source, of_source in groupby(inquiries, lambda inquiry: inquiry.source):
            yield self._open("", "20", "1")
            yield write_party(source)
            source_number = self._number
            for receiver, of_receiver in groupby(of_source, lambda inquiry: inquiry.receiver):
                yield self._open(str(source_number), "21", "1")
                yield write_party(receiver)
                receiver_number = self._number
                for providers, of_provider in groupby(of_receiver, lambda inquiry: inquiry.providers):
                    yield self._open(str(receiver_number), "19", "1")
                    yield from map(write_party, providers)
                    provider_number = self._number
                    for subscriber, of_subscriber in groupby(of_provider, lambda inquiry: inquiry.subscriber):
                        yield from self._subscriber(provider_number, subscriber, list(of_subscriber))

    def _subscriber(self, parent: int, subscriber: ClaimPatient, inquiries: list[ClaimInquiry]) -> Iterator[str]:
        """2000D, and a 2000E for each dependent asked about."""
        own = [inquiry for inquiry in inquiries if inquiry.dependent is None]
        yield self._open(str(parent), "22", "0" if len(own) == len(inquiries) else "1")
        yield from _patient("IL", subscriber)
        for inquiry in own:
            yield from _claim(inquiry)
        subscriber_number = self._number
        of_dependents = [inquiry for inquiry in inquiries if inquiry.dependent is not None]
        for patient, of_dependent in groupby(of_dependents, lambda inquiry: inquiry.patient):
            yield self._open(str(subscriber_number), "23", "")
            yield from _patient("QC", patient)
            for inquiry in of_dependent:
                yield from _claim(inquiry)

    def _open(self, parent: str, level: str, child: str) -> str:
        self._number += 1
        return segment("HL", str(self._number), parent, level, child)


def _patient(entity_code: str, patient: ClaimPatient) -> Iterator[str]:
    birth_date = patient.birth_date_sent or day(patient.birth_date)
    if birth_date:
        yield segment("DMG", "D8", birth_date, patient.gender)
    yield write_claim_patient(entity_code, patient)


def write_claim_patient(entity_code: str, patient: ClaimPatient) -> str:
    """The NM1 of 2100D or 2100E, of a 276 or a 277."""
    return segment(
        "NM1",
        entity_code,
        patient.entity_type,
        mark(patient.last_name) or UNTELLABLE,
        mark(patient.first_name),
        mark(patient.middle_name),
        "",
        mark(patient.suffix),
        patient.identifier_qualifier if patient.identifier else "",
        mark(patient.identifier),
    )


def _claim(inquiry: ClaimInquiry) -> Iterator[str]:
    """2200D/E; nothing for a subscriber's level that names no claim."""
    if not inquiry.trace:
        return
    yield segment("TRN", "1", inquiry.trace)
    for qualifier, value_of in _REFERENCES:
        if value := value_of(inquiry):
            yield segment("REF", qualifier, value)
    if inquiry.charge is not None:
        yield segment("AMT", "T3", number(inquiry.charge))
    if inquiry.dates is not None:
        yield write_dates("472", inquiry.dates)
    for line in inquiry.lines:
        yield from _line(line)


def write_procedure(procedure: str) -> str:
    """SVC01 of ``HC:99213:25``."""
    return COMPONENT.join(map(mark, procedure.split(":")))


def _line(line: LineInquiry) -> Iterator[str]:
    """2210D/E."""
    yield segment(
        "SVC", write_procedure(line.procedure), number(line.charge), "", line.revenue_code, "", "", number(line.units)
    )
    if line.control_number:
        yield segment("REF", "FJ", line.control_number)
    if line.dates is not None:
        yield write_dates("472", line.dates)
