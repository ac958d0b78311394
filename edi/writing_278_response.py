"""Typed answers to the composed segments of a 278 response (005010X217)."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime

from edi.eligibility import Dates, Member, Trace
from edi.services_review import (
    PostalAddress,
    Review,
    ReviewEvent,
    ReviewParty,
    ReviewService,
)
from edi.services_review_answer import Decision, LevelAnswer, ReviewAnswer, ReviewContact, ServiceAnswer
from edi.services_review_codes import ReviewLoop
from edi.texts import prose
from edi.writing import composite, repeated, segment
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

MESSAGE_MAX = 264
"""Characters of MSG01."""
CODES_MAX = 12
"""Elements of an HI segment."""
_DATE_ORDER = ("439", "484", "ABC", "431", "AAH", "435", "096", "472", "102", "036", "007")
"""DTP01 in the order of the guide."""
_SECOND_OPINION = {True: "Y", False: "N", None: ""}


def write_review_response(
    answer: ReviewAnswer, *, control_number: str, written_at: datetime, trace_originator: str
) -> list[str]:
    """The composed segments of one response, ST to before SE.

    Args:
        control_number: ST02.
        written_at: the payer's local time, for BHT04 and BHT05.
        trace_originator: TRN03 of our own trace number, ten characters.
    """
    kind = "18" if answer.is_final else "19"
    header = write_header(control_number, "11", answer.request.reference, written_at, kind)
    return header + _Levels(answer, trace_originator).write()


class _Levels:
    """Writes the levels of one answer, down to where a rejection ends it."""

    def __init__(self, answer: ReviewAnswer, trace_originator: str) -> None:
        self.answer = answer
        self.trace_originator = trace_originator
        self.segments: list[str] = []
        self.number = 0

    def write(self) -> list[str]:
        reaches = self.answer.reaches
        self._open(0, "20", has_children=reaches(ReviewLoop.REQUESTER))
        self._source()
        if reaches(ReviewLoop.REQUESTER):
            self._open(1, "21", has_children=reaches(ReviewLoop.SUBSCRIBER))
            self._requester(self.answer.request.requester)
        if self.answer.subscriber is not None and reaches(ReviewLoop.SUBSCRIBER):
            self._patients(self.answer.subscriber, self.answer.dependent)
        return self.segments

    def _source(self) -> None:
        """2000A and 2010A."""
        self.segments += self._aaa(ReviewLoop.SOURCE_LEVEL)
        self.segments.append(write_party_name(self.answer.request.source))
        self.segments += write_contact(self.answer.payer_contact)
        self.segments += self._aaa(ReviewLoop.SOURCE)

    def _requester(self, requester: ReviewParty) -> None:
        """2010B."""
        self.segments.append(write_party_name(requester))
        self.segments += write_references(requester.references)
        self.segments += self._aaa(ReviewLoop.REQUESTER)
        self.segments += write_specialty(requester)

    def _patients(self, subscriber: Member, dependent: Member | None) -> None:
        """2000C and 2000D, and the event below the patient's."""
        reaches_event = self.answer.reaches(ReviewLoop.EVENT)
        has_dependent = dependent is not None and self.answer.reaches(ReviewLoop.DEPENDENT)
        parent = self._open(2, "22", has_children=has_dependent or reaches_event)
        self._member("IL", subscriber, ReviewLoop.SUBSCRIBER)
        if dependent is not None and has_dependent:
            parent = self._open(parent, "23", has_children=reaches_event)
            self._member("QC", dependent, ReviewLoop.DEPENDENT)
        if reaches_event:
            self._event(parent)

    def _member(self, entity_code: str, member: Member, loop: ReviewLoop) -> None:
        """2010C or 2010D."""
        names = (member.last_name, member.first_name, member.middle_name, "", member.suffix)
        is_subscriber = loop is ReviewLoop.SUBSCRIBER
        identifier = ("MI", member.member_id) if is_subscriber else ()
        self.segments.append(segment("NM1", entity_code, "1", *names, *identifier))
        self.segments += [segment("REF", reference.qualifier, reference.value) for reference in member.references]
        self.segments += write_address(_postal(member.address))
        self.segments += self._aaa(loop)
        birth_date = member.birth_date_sent or _day(member.birth_date)
        if birth_date:
            self.segments.append(segment("DMG", "D8", birth_date, member.gender))
        if member.relationship:
            self.segments.append(segment("INS", "Y" if is_subscriber else "N", member.relationship))

    def _event(self, parent: int) -> None:
        """2000E with the services that something is said to."""
        event = self.answer.request.events[0]
        told = self.answer.event or LevelAnswer(decision=None)
        number = self._open(parent, "EV", has_children=bool(self.answer.services))
        self.segments += self._traces(event.traces, own=self.answer.trace)
        self.segments += self._aaa(ReviewLoop.EVENT)
        self.segments.append(_review(event.review))
        self.segments += _decision(told)
        self.segments += write_all_dates(_in_order(told.dates))
        self.segments += _codes(event, told)
        self.segments += _wants(told)
        for place, provider in enumerate(event.providers):
            self.segments += write_party(provider, self._aaa(ReviewLoop.EVENT_PROVIDER, place))
        self.segments += _review_contact(self.answer.review_contact)
        for place, stop in enumerate(event.transport):
            if rejections := self._aaa(ReviewLoop.TRANSPORT, place):
                self.segments += [write_party_name(stop), *write_address(stop.address), *rejections]
        for service in self.answer.services:
            self._service(number, service, event.services[service.service])

    def _service(self, parent: int, told: ServiceAnswer, asked: ReviewService) -> None:
        """2000F."""
        self._open(parent, "SS", has_children=False)
        self.segments += self._traces(asked.traces)
        self.segments += self._aaa(ReviewLoop.SERVICE, told.service)
        if asked.review is not None:
            self.segments.append(_review(asked.review))
        self.segments += _decision(told.answer)
        self.segments += write_all_dates(_in_order(told.answer.dates))
        if told.answer.wanted_codes:
            self.segments.append(segment("HI", *_wanted_codes(told.answer)))
        if told.line is not None:
            self.segments.append(segment(*told.line.segment))
        self.segments += [segment(*tooth) for tooth in asked.teeth]
        self.segments += _wants(told.answer)
        for place, provider in enumerate(asked.providers):
            self.segments += write_party(provider, self._aaa(ReviewLoop.SERVICE_PROVIDER, told.service, place))

    def _open(self, parent: int, level: str, *, has_children: bool) -> int:
        self.number += 1
        above = str(parent) if parent else ""
        self.segments.append(segment("HL", str(self.number), above, level, "1" if has_children else "0"))
        return self.number

    def _aaa(self, loop: ReviewLoop, *which: int) -> list[str]:
        return [
            segment("AAA", "Y" if each.request_valid else "N", "", each.reason, each.action)
            for each in self.answer.rejections
            if each.loop is loop and each.which == which
        ]

    def _traces(self, traces: Iterable[Trace], own: str = "") -> Iterator[str]:
        """Those of the request as they were, and ours."""
        yield from (write_trace(trace, "2") for trace in traces)
        if own:
            yield segment("TRN", "1", own, self.trace_originator)


def _review(review: Review) -> str:
    """UM with what a response repeats of it."""
    facility = composite(review.facility, review.facility_qualifier)
    asked = (review.category, review.certification, review.service_type)
    return segment("UM", *asked, facility, "", review.level or "")


def _decision(told: LevelAnswer) -> Iterator[str]:
    if told.decision is not None:
        yield _hcr(told.decision)
    if told.administrative_reference:
        yield segment("REF", "NT", told.administrative_reference)
    if told.earlier_authorization:
        yield segment("REF", "BB", told.earlier_authorization)


def _hcr(decision: Decision) -> str:
    opinion = _SECOND_OPINION[decision.second_opinion]
    return segment("HCR", decision.action, decision.number, repeated(decision.reasons), opinion)


def _codes(event: ReviewEvent, told: LevelAnswer) -> Iterator[str]:
    """HI of the event: the diagnoses as told, and what documents are wanted."""
    wanted = _wanted_codes(told)
    diagnoses = [
        composite(each.qualifier, each.code, "D8" if each.day else "", each.day)
        for each in event.diagnoses[: CODES_MAX - len(wanted)]
    ]
    if diagnoses or wanted:
        yield segment("HI", *diagnoses, *wanted)


def _wanted_codes(told: LevelAnswer) -> list[str]:
    return [composite("LOI", code) for code in told.wanted_codes[:CODES_MAX]]


def _wants(told: LevelAnswer) -> Iterator[str]:
    """What follows the codes, or the service line: HSD, PWK, MSG."""
    yield from write_delivery(told.delivery)
    yield from write_attachments(told.wanted)
    yield from write_message(prose(told.message, MESSAGE_MAX))


def _review_contact(told: ReviewContact | None) -> Iterator[str]:
    """2010EB."""
    if told is not None:
        yield segment("NM1", "L5", "2", told.name)
        yield from write_address(_postal(told.lines))
        yield from write_contact(told.contact)


def _postal(address: tuple[str, ...]) -> PostalAddress:
    """Street lines, then city, state and postal code."""
    return PostalAddress(address[:-3], address[-3:])


def _in_order(dates: Iterable[Dates]) -> list[Dates]:
    return sorted(dates, key=lambda each: _DATE_ORDER.index(each.qualifier))


def _day(day: date | None) -> str:
    """CCYYMMDD, empty for none."""
    return "" if day is None else f"{day:%Y%m%d}"
