"""Typed claim status answers to the composed segments of a 277 (005010X212)."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from itertools import groupby
from operator import attrgetter
from typing import TypeVar

from edi.claim_status import (
    ClaimInquiry,
    ClaimPatient,
    ClaimStatus,
    ClaimStatusAnswer,
    Level,
    LineStatus,
    PayerContact,
    Status,
)
from edi.eligibility import Party
from edi.errors import CallerError
from edi.shared_segments import write_dates, write_party
from edi.texts import mark, prose
from edi.writing import ELEMENT, clock, day, number, segment
from edi.writing_276 import GUIDE, write_claim_patient, write_procedure

__all__ = ["FUNCTIONAL_IDENTIFIER", "GUIDE", "write_claim_status_response", "write_line_status", "write_status"]

FUNCTIONAL_IDENTIFIER = "HN"

T = TypeVar("T")
Answers = Sequence[ClaimStatusAnswer]

_SOURCE: Callable[[ClaimInquiry], Party] = attrgetter("source")
_RECEIVER: Callable[[ClaimInquiry], Party] = attrgetter("receiver")
_PROVIDERS: Callable[[ClaimInquiry], tuple[Party, ...]] = attrgetter("providers")
_SUBSCRIBER: Callable[[ClaimInquiry], ClaimPatient] = attrgetter("subscriber")
_PATIENT: Callable[[ClaimInquiry], ClaimPatient] = attrgetter("patient")
"""What makes a level of the HL tree."""

_CONTACT_NAME_MAX, _COMMUNICATION_MAX = 60, 256
"""PER02 and PER04 in characters."""
_NO_TRACE = "0"
"""TRN02 of a patient for whom no claim, and so no trace, was sent; also for a trace that is blank."""


def write_claim_status_response(
    answers: Answers,
    *,
    control_number: str,
    reference: str,
    written_at: datetime,
    contact: PayerContact | None = None,
    trace: str | None = None,
) -> list[str]:
    """The composed segments of one 277, ST to before SE.

    Args:
        answers: one for each claim asked about, in the order of the inquiries.
        control_number: ST02.
        reference: BHT03 of the inquiry, echoed (X12 RFI 960).
        written_at: the payer's local time, for BHT04 and BHT05.
        contact: told where it has a phone or an e-mail address.
        trace: TRN02 of the claims in place of those of the inquiries, for one that is asked about again.
    """
    if not answers:
        raise CallerError("a 277 answers at least one inquiry")
    reference = mark(reference) or _NO_TRACE
    segments = [
        segment("ST", "277", control_number, GUIDE),
        segment("BHT", "0010", "08", reference, *clock(written_at), "DG"),
    ]
    _Hierarchy(segments, reference, _contact(contact), trace).write(answers)
    return segments


class _Hierarchy:
    """Writes the HL tree: a level is opened when it differs from that of the answer before."""

    def __init__(self, segments: list[str], reference: str, contact: str, trace: str | None) -> None:
        self.segments = segments
        self.reference = reference
        self.contact = contact
        self.trace = trace
        self.number = 0

    def write(self, answers: Answers) -> None:
        for source, of_source in _runs(answers, _SOURCE):
            number = self._open("", "20", "1")
            self.segments.append(write_party(source))
            if self.contact:
                self.segments.append(self.contact)
            for receiver, of_receiver in _runs(of_source, _RECEIVER):
                self._receiver(number, receiver, of_receiver)

    def _receiver(self, parent: str, receiver: Party, answers: Answers) -> None:
        """2000B; the answers that are refused here end here, with one 2200B for all of them."""
        answered = _past(answers, Level.RECEIVER)
        number = self._open(parent, "21", "1" if answered else "0")
        self.segments.append(write_party(receiver))
        self._refuse("2", answers, Level.RECEIVER)
        for providers, of_provider in _runs(answered, _PROVIDERS):
            self._provider(number, providers, of_provider)

    def _provider(self, parent: str, providers: tuple[Party, ...], answers: Answers) -> None:
        """2000C; the answers that are refused here end here, with one 2200C for all of them."""
        answered = _past(answers, Level.PROVIDER)
        number = self._open(parent, "19", "1" if answered else "0")
        self.segments.extend([write_party(provider) for provider in providers])
        self._refuse("1", answers, Level.PROVIDER)
        for subscriber, of_subscriber in _runs(answered, _SUBSCRIBER):
            self._subscriber(number, subscriber, of_subscriber)

    def _subscriber(self, parent: str, subscriber: ClaimPatient, answers: Answers) -> None:
        """2000D with the claims of the subscriber, and another with a 2000E for each dependent.

        One 2000D could hold both, but there are readers that do not expect it.
        """
        name = write_claim_patient("IL", subscriber)
        own = [answer for answer in answers if answer.inquiry.dependent is None]
        if own:
            self._open(parent, "22", "0")
            self.segments.append(name)
            self._claims(own)
        of_dependents = [answer for answer in answers if answer.inquiry.dependent is not None]
        if of_dependents:
            number = self._open(parent, "22", "1")
            self.segments.append(name)
            for patient, of_patient in _runs(of_dependents, _PATIENT):
                self._open(number, "23", "")
                self.segments.append(write_claim_patient("QC", patient))
                self._claims(of_patient)

    def _claims(self, answers: Answers) -> None:
        for answer in answers:
            sent = answer.inquiry.trace if self.trace is None else self.trace
            trace = segment("TRN", "2", mark(sent) or _NO_TRACE)
            for claim in answer.claims:
                self.segments.append(trace)
                _append_claim(self.segments, claim)

    def _open(self, parent: str, level: str, child: str) -> str:
        self.number += 1
        number = str(self.number)
        self.segments.append(segment("HL", number, parent, level, child))
        return number

    def _refuse(self, trace_type: str, answers: Answers, level: Level) -> None:
        """2200B or 2200C: the transaction's own reference as trace, and each status once."""
        refusals = [answer.refusal for answer in answers if answer.refusal is not None]
        statuses = dict.fromkeys([write_status(refusal.status) for refusal in refusals if refusal.level is level])
        if statuses:
            self.segments.append(segment("TRN", trace_type, self.reference))
            self.segments.extend(statuses)


def _runs(answers: Answers, of: Callable[[ClaimInquiry], T]) -> Iterable[tuple[T, Answers]]:
    """The answers that follow each other and have the same of their inquiries; in real time it is the one."""
    if len(answers) == 1:
        return ((of(answers[0].inquiry), answers),)
    return ((each, list(same)) for each, same in groupby(answers, lambda answer: of(answer.inquiry)))


def _past(answers: Answers, level: Level) -> Answers:
    """The answers that are not refused at ``level``."""
    return [answer for answer in answers if answer.refusal is None or answer.refusal.level is not level]


def _append_claim(segments: list[str], claim: ClaimStatus) -> None:
    """2200D/E after its TRN, in the order of the guide."""
    segments.extend([write_status(status) for status in claim.statuses])
    told = [(reference.qualifier, mark(reference.value)) for reference in claim.references]
    segments.extend([segment("REF", qualifier, value) for qualifier, value in told if value])
    if claim.dates is not None:
        segments.append(write_dates("472", claim.dates))
    for line in claim.lines:
        _append_line(segments, line)


def _append_line(segments: list[str], line: LineStatus) -> None:
    """2220D/E."""
    service = (write_procedure(line.procedure), number(line.charge), number(line.paid), mark(line.revenue_code))
    segments.append(segment("SVC", *service, "", "", number(line.units)))
    segments.extend([write_line_status(status) for status in line.statuses])
    if control_number := mark(line.control_number):
        segments.append(segment("REF", "FJ", control_number))
    segments.append(write_dates("472", line.dates))


def write_status(status: Status) -> str:
    """The STC of 2200B to 2200E."""
    more = [code.written for code in status.codes[1:]]
    return ELEMENT.join(
        (
            "STC",
            status.codes[0].written,
            day(status.effective),
            "",
            "" if status.charge is None else number(status.charge),
            "" if status.paid is None else number(status.paid),
            day(status.adjudicated),
            "",
            day(status.payment_date),
            mark(status.payment_number),
            *more,
        )
    ).rstrip(ELEMENT)


def write_line_status(status: Status) -> str:
    """The STC of 2220D/E: of a line only codes and day are told; its amounts stand in the SVC."""
    first, *more = [code.written for code in status.codes]
    blanks = ("",) * 7 if more else ()
    return segment("STC", first, day(status.effective), *blanks, *more)


@lru_cache(maxsize=8)
def _contact(contact: PayerContact | None) -> str:
    """PER, empty where there is nothing to tell."""
    if contact is None:
        return ""
    told = [(kind, mark(value)[:_COMMUNICATION_MAX]) for kind, value in (("TE", contact.phone), ("EM", contact.email))]
    ways = [part for kind, value in told if value for part in (kind, value)]
    return segment("PER", "IC", prose(contact.name, _CONTACT_NAME_MAX), *ways) if ways else ""
