"""Typed eligibility answers to the composed segments of a 271 (005010X279A1)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from edi.aaa import Loop
from edi.benefit_codes import RELATIONSHIPS
from edi.eligibility import (
    EligibilityAnswer,
    Member,
    Party,
    Trace,
)
from edi.errors import CallerError
from edi.shared_segments import write_dates, write_party
from edi.texts import mark, prose
from edi.writing import SEGMENT, clock, day, segment
from edi.writing_benefits import append_address, write_benefit, write_reference, write_rejection

GUIDE = "005010X279A1"
FUNCTIONAL_IDENTIFIER = "HB"

_PURPOSE = {"01": "06"}
"""BHT02 of an answer by that of the inquiry, where it is not 11."""
_OTHER_RELATIONSHIP = "G8"
"""INS02."""

_LAST_NAME_MAX, _FIRST_NAME_MAX, _MIDDLE_NAME_MAX, _SUFFIX_MAX = 60, 35, 25, 10
"""Lengths in characters of NM1's names in 005010X279A1."""


@dataclass(frozen=True, slots=True)
class ComposedAnswer:
    """One answer but for what differs each time it is given: header and traces."""

    before: str = field(repr=False)
    """Composed segments up to the traces."""
    after: str = field(repr=False)
    """Those that follow; empty, as the traces are, where a refusal ends the answer above the patient."""


@dataclass(slots=True)
class Header:
    """What stands in ST and BHT, and by whom our own traces are given."""

    control_number: str
    """ST02."""
    reference: str
    """BHT03 of the inquiry, echoed."""
    purpose: str
    """BHT02 of the inquiry; a cancellation (01) is confirmed (06)."""
    written_at: datetime
    """The payer's local time, for BHT04 and BHT05."""
    trace_originator: str
    """TRN03 of our own trace numbers, ten characters."""

    def segments(self) -> list[str]:
        """ST and BHT."""
        return [
            segment("ST", "271", self.control_number, GUIDE),
            segment("BHT", "0022", _PURPOSE.get(self.purpose, "11"), mark(self.reference), *clock(self.written_at)),
        ]


def write_eligibility_response(answers: Sequence[EligibilityAnswer], header: Header) -> list[str]:
    """One 271, ST to before SE, composed: several segments may be joined in one text.

    Args:
        answers: one for each patient asked about, in the order of the inquiries.
        header: what the set begins with.
    """
    if not answers:
        raise CallerError("a 271 answers at least one inquiry")
    if len(answers) == 1:
        answer = answers[0]
        return write_composed_response(compose_answer(answer), header, answer.inquiry.traces, answer.trace)
    segments = header.segments()
    for place, answer in _Hierarchy(segments).write(answers):
        segments[place:place] = _traces(answer.inquiry.traces, answer.trace, header.trace_originator)
    return segments


def compose_answer(answer: EligibilityAnswer) -> ComposedAnswer:
    """What of an answer stays the same when it is given again."""
    segments: list[str] = []
    places = _Hierarchy(segments).write((answer,))
    place = places[0][0] if places else len(segments)
    return ComposedAnswer(SEGMENT.join(segments[:place]), SEGMENT.join(segments[place:]))


def write_composed_response(composed: ComposedAnswer, header: Header, traces: Iterable[Trace], trace: str) -> list[str]:
    """One 271 about one patient, ST to before SE, from an answer that has been composed.

    Args:
        composed: the answer.
        header: what the set begins with.
        traces: of the inquiry, echoed.
        trace: our own number for the answer; empty: none is given.
    """
    segments = header.segments()
    segments.append(composed.before)
    if composed.after:
        segments += _traces(traces, trace, header.trace_originator)
        segments.append(composed.after)
    return segments


def _traces(traces: Iterable[Trace], trace: str, trace_originator: str) -> list[str]:
    """TRN of a patient: the asker's, then our own."""
    told = [segment("TRN", "2", mark(each.number), mark(each.originator), mark(each.additional)) for each in traces]
    if trace:
        told.append(segment("TRN", "1", trace, trace_originator))
    return told


class _Hierarchy:
    """Writes the HL tree: a level is opened when it differs from that of the answer before."""

    def __init__(self, segments: list[str]) -> None:
        self.segments = segments
        self.number = 0
        self._places: list[tuple[int, EligibilityAnswer]] = []

    def write(self, answers: Sequence[EligibilityAnswer]) -> list[tuple[int, EligibilityAnswer]]:
        """Append all levels; gives where in the segments the traces of which answer belong, the last first."""
        source: Party | None = None
        receiver: Party | None = None
        source_number = receiver_number = 0
        for answer in answers:
            inquiry = answer.inquiry
            if inquiry.source != source:
                source, receiver = inquiry.source, None
                source_number = self._open("", "20", has_children=_reaches(answer, Loop.RECEIVER))
                self._aaa(answer, Loop.SOURCE_LEVEL)
                self.segments.append(write_party(source))
                self._aaa(answer, Loop.SOURCE)
            if not _reaches(answer, Loop.RECEIVER):
                continue
            if inquiry.receiver != receiver:
                receiver = inquiry.receiver
                receiver_number = self._open(str(source_number), "21", has_children=_reaches(answer, Loop.SUBSCRIBER))
                self.segments.append(write_party(receiver))
                self.segments.extend(map(write_reference, inquiry.receiver_references))
                self._aaa(answer, Loop.RECEIVER)
            if _reaches(answer, Loop.SUBSCRIBER):
                self._patient(answer, str(receiver_number))
        return self._places[::-1]

    def _patient(self, answer: EligibilityAnswer, parent: str) -> None:
        """2000C, and 2000D where the patient is a dependent."""
        if answer.subscriber is None:
            raise CallerError("an answer that reaches 2000C has a subscriber")
        has_dependent = answer.dependent is not None
        number = self._open(parent, "22", has_children=has_dependent)
        if not has_dependent:
            self._places.append((len(self.segments), answer))
        self.segments.append(_member_name("IL", answer.subscriber))
        self._member(answer, answer.subscriber, Loop.SUBSCRIBER)
        if answer.dependent is not None:
            self._open(str(number), "23", has_children=False)
            self._places.append((len(self.segments), answer))
            self.segments.append(_member_name("03", answer.dependent))
            self._member(answer, answer.dependent, Loop.DEPENDENT)
        self.segments.extend([benefit.written or write_benefit(benefit) for benefit in answer.benefits])

    def _member(self, answer: EligibilityAnswer, member: Member, loop: Loop) -> None:
        """What follows the NM1 of 2100C or 2100D, in the order of the guide."""
        segments = self.segments
        if member.references:
            segments.extend(map(write_reference, member.references))
        append_address(segments, member.address)
        self._aaa(answer, loop)
        birth_date = member.birth_date_sent or day(member.birth_date)
        if birth_date or member.gender:
            segments.append(segment("DMG", "D8" if birth_date else "", birth_date, member.gender))
        if member.changed or member.relationship:
            maintenance = ("001", "25") if member.changed else ()
            segments.append(segment("INS", *_insured(loop, member.relationship), *maintenance))
        if member.dates:
            segments.extend([write_dates(dates.qualifier, dates.period) for dates in member.dates])

    def _open(self, parent: str, level: str, *, has_children: bool) -> int:
        self.number += 1
        self.segments.append(segment("HL", str(self.number), parent, level, "1" if has_children else "0"))
        return self.number

    def _aaa(self, answer: EligibilityAnswer, loop: Loop) -> None:
        if answer.rejections:
            self.segments.extend([write_rejection(each) for each in answer.rejections if each.loop is loop])


_ORDER = (Loop.SOURCE_LEVEL, Loop.SOURCE, Loop.RECEIVER, Loop.SUBSCRIBER)
"""The levels that end an answer when they are refused, outermost first."""


def _reaches(answer: EligibilityAnswer, loop: Loop) -> bool:
    """Whether no rejection above ``loop`` ends the answer there."""
    if not answer.rejections:
        return True
    above = _ORDER[: _ORDER.index(loop)]
    return not any(rejection.loop in above for rejection in answer.rejections)


def _insured(loop: Loop, relationship: str) -> tuple[str, str]:
    """INS01 and INS02: a subscriber is one's own; of dependents fewer relationships can be told than are known."""
    if loop is Loop.SUBSCRIBER:
        return "Y", "18"
    return "N", relationship if relationship in RELATIONSHIPS else _OTHER_RELATIONSHIP


def _member_name(entity_code: str, member: Member) -> str:
    qualifier = "MI" if member.member_id else ""
    return segment(
        "NM1",
        entity_code,
        "1",
        prose(member.last_name, _LAST_NAME_MAX),
        prose(member.first_name, _FIRST_NAME_MAX),
        prose(member.middle_name, _MIDDLE_NAME_MAX),
        "",
        prose(member.suffix, _SUFFIX_MAX),
        qualifier,
        mark(member.member_id),
    )
