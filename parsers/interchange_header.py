"""The ISA: the one segment of fixed width, which declares the delimiters that all others are split by (X12.5).

An ISA that is not exactly as wide as it must be is refused rather than guessed at: whatever stands at the offsets of
the delimiters would split the rest wrongly.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from edi.acknowledgment_codes import InterchangeNote
from edi.delimiters import STANDARD, Delimiters
from parsers.findings import Finding, Level
from parsers.frames import Segment
from parsers.values import DATE6, PRINTABLE, TIME4

ISA_CHARACTERS = 106
VERSIONS = ("00401", "00501")
"""ISA12 of the interchanges that can be read here."""
NO_REPETITION = "\0"
"""Stands for the repetition separator where there is none: 4010, and 5010 with the old ``U`` in ISA11."""

_PARTY_QUALIFIERS = "(?:01|14|20|27|28|29|30|33|ZZ)"


@dataclass(frozen=True, slots=True)
class _Rule:
    """What one element of the ISA must be, and the TA105 that says it is not."""

    width: int
    pattern: str
    note: InterchangeNote
    name: str
    data_element: str


_RULES = (
    _Rule(2, "0[03]", InterchangeNote.AUTHORIZATION_QUALIFIER, "Authorization Information Qualifier", "I01"),
    _Rule(10, PRINTABLE + "{10}", InterchangeNote.AUTHORIZATION_INFORMATION, "Authorization Information", "I02"),
    _Rule(2, "0[01]", InterchangeNote.SECURITY_QUALIFIER, "Security Information Qualifier", "I03"),
    _Rule(10, PRINTABLE + "{10}", InterchangeNote.SECURITY_INFORMATION, "Security Information", "I04"),
    _Rule(2, _PARTY_QUALIFIERS, InterchangeNote.SENDER_QUALIFIER, "Interchange ID Qualifier", "I05"),
    _Rule(15, PRINTABLE + "{15}", InterchangeNote.SENDER_ID, "Interchange Sender ID", "I06"),
    _Rule(2, _PARTY_QUALIFIERS, InterchangeNote.RECEIVER_QUALIFIER, "Interchange ID Qualifier", "I05"),
    _Rule(15, PRINTABLE + "{15}", InterchangeNote.RECEIVER_ID, "Interchange Receiver ID", "I07"),
    _Rule(6, DATE6, InterchangeNote.DATE, "Interchange Date", "I08"),
    _Rule(4, TIME4, InterchangeNote.TIME, "Interchange Time", "I09"),
    _Rule(1, "(?:U|[^A-Za-z0-9 \r\n])", InterchangeNote.STANDARDS_ID, "Repetition Separator", "I65"),
    _Rule(5, "[0-9]{5}", InterchangeNote.VERSION_ID, "Interchange Control Version Number", "I11"),
    _Rule(9, "[0-9]{9}", InterchangeNote.CONTROL_NUMBER, "Interchange Control Number", "I12"),
    _Rule(1, "[01]", InterchangeNote.ACKNOWLEDGMENT_REQUESTED, "Acknowledgment Requested", "I13"),
    _Rule(1, "[PT]", InterchangeNote.TEST_INDICATOR, "Interchange Usage Indicator", "I14"),
    _Rule(1, "[^A-Za-z0-9 \r\n]", InterchangeNote.COMPONENT_SEPARATOR, "Component Element Separator", "I15"),
)

ISA_NOTES = {number: rule.note for number, rule in enumerate(_RULES, 1)}
"""The TA105 of each element of the ISA."""

_VALID = re.compile(
    r"ISA([^A-Za-z0-9 \r\n])" + r"\1".join(f"(?:{rule.pattern})" for rule in _RULES) + "[^A-Za-z0-9 ]",
    re.DOTALL,
)


class Header(NamedTuple):
    """An ISA as read: what it says, what it declares, and what is wrong with it."""

    elements: Segment
    delimiters: Delimiters
    findings: list[Finding]
    readable: bool
    """Whether what follows can be split by the delimiters."""


def read_header(text: str, offset: int) -> Header:
    """Read the ISA from the 106 characters that begin at ``offset`` in the file (fewer when the file ends there)."""
    if _VALID.match(text):
        elements = text[: ISA_CHARACTERS - 1].split(text[3])
        if len(elements) == len(_RULES) + 1 and elements[12] in VERSIONS and text[105] not in text[:105]:
            delimiters = declared_delimiters(text[3], elements[11], text[104], text[105])
            if delimiters is not None:
                return Header(elements, delimiters, [], readable=True)
    return _judge(text, offset)


@lru_cache(maxsize=256)
def declared_delimiters(element: str, repetition: str, component: str, segment: str) -> Delimiters | None:
    """The delimiters, None when two are the same or one cannot be a delimiter."""
    marks = [element, component, segment]
    if repetition == "U":
        repetition = NO_REPETITION
    marks.append(repetition)
    if len(set(marks)) < len(marks) or any(mark.isalnum() or mark == " " for mark in marks):
        return None
    return Delimiters(element=element, repetition=repetition, component=component, segment=segment)


def _judge(text: str, offset: int) -> Header:
    """The same with all that is wrong, for an ISA that is not as it should be."""
    separator = text[3:4]
    if separator.isalnum() or separator in (" ", "\r", "\n", ""):
        note = InterchangeNote.ELEMENT_SEPARATOR if separator else InterchangeNote.PREMATURE_END
        return _unreadable(["ISA"], _finding(note, None, offset))
    elements = text[: ISA_CHARACTERS - 1].split(separator)
    misfit = _wrong_width(elements)
    if misfit is not None:
        short = len(text) < ISA_CHARACTERS and misfit >= len(elements) - 1
        note = InterchangeNote.PREMATURE_END if short else _note_of(misfit)
        return _unreadable(elements[: len(_RULES) + 1], _finding(note, misfit, offset, elements))
    if len(text) < ISA_CHARACTERS:
        return _unreadable(elements, _finding(InterchangeNote.PREMATURE_END, None, offset))
    delimiters = declared_delimiters(separator, elements[11], elements[16], text[105])
    if delimiters is None or text[105] in text[:105]:
        return _unreadable(elements, _finding(_wrong_delimiter(elements, text[105]), None, offset))
    return Header(elements, delimiters, _wrong_values(elements, offset), readable=True)


def _wrong_width(elements: Segment) -> int | None:
    """Number of the first element that is missing or not as wide as it must be."""
    for number, rule in enumerate(_RULES, 1):
        if number >= len(elements) or len(elements[number]) != rule.width:
            return number
    return None if len(elements) == len(_RULES) + 1 else len(_RULES)


def _note_of(number: int) -> InterchangeNote:
    return _RULES[number - 1].note


def _wrong_delimiter(elements: Segment, terminator: str) -> InterchangeNote:
    repetition, component = elements[11], elements[16]
    if terminator.isalnum() or terminator == " ":
        return InterchangeNote.SEGMENT_TERMINATOR
    if component.isalnum() or component in (" ", "\r", "\n"):
        return InterchangeNote.COMPONENT_SEPARATOR
    if component == terminator:
        return InterchangeNote.SEGMENT_TERMINATOR
    if repetition in (component, terminator) or (repetition.isalnum() and repetition != "U") or repetition == " ":
        return InterchangeNote.STANDARDS_ID
    return InterchangeNote.SEGMENT_TERMINATOR


def _wrong_values(elements: Segment, offset: int) -> list[Finding]:
    findings = [
        _finding(rule.note, number, offset, elements)
        for number, rule in enumerate(_RULES, 1)
        if not re.fullmatch(rule.pattern, elements[number], re.DOTALL)
    ]
    if elements[12] not in VERSIONS and elements[12].isdigit():
        findings.append(_finding(InterchangeNote.VERSION_NOT_SUPPORTED, 12, offset, elements))
    return findings


def _finding(note: InterchangeNote, number: int | None, offset: int, elements: Segment | None = None) -> Finding:
    rule = _RULES[number - 1] if number else None
    value = elements[number] if number and elements and number < len(elements) else ""
    return Finding(
        Level.INTERCHANGE,
        note,
        segment_id="ISA",
        segment=1,
        element=number,
        data_element=rule.data_element if rule else "",
        name=rule.name if rule else "Interchange Control Header",
        value=value,
        offset=offset,
    )


def _unreadable(elements: Segment, finding: Finding) -> Header:
    return Header(elements, STANDARD, [finding], readable=False)
