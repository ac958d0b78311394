"""What can be wrong with GS, ST and the trailers, and the finding that says so.

The codes are those of X12 005010X231A1 (IK502, AK905) and of TA105.
"""

import re
from dataclasses import dataclass
from typing import NamedTuple

from edi.acknowledgment_codes import GroupError, InterchangeNote, TransactionError
from parsers.findings import Code, Finding, Level
from parsers.frames import FunctionalGroup, Segment, TransactionSet, element_of
from parsers.values import DATE8, PRINTABLE, TIME


class Place(NamedTuple):
    """Where an envelope segment stands: ``position`` in its interchange, ``offset`` in the file in bytes."""

    position: int
    offset: int


@dataclass(frozen=True, slots=True)
class _Element:
    """What one element of an envelope segment must be, and the code that says it is not."""

    number: int
    pattern: re.Pattern[str]
    code: Code
    data_element: str
    name: str


_PARTY = re.compile(f"{PRINTABLE}{{1,14}}[!-~]|[!-~] ")

_SET_NUMBER = re.compile(f"{PRINTABLE}{{4}}|{PRINTABLE}{{4,8}}[!-~]")
"""Spaces at the end only where the value would be too short without."""

_GROUP_HEADER = (
    _Element(1, re.compile("[A-Z0-9]{2}"), GroupError.NOT_SUPPORTED, "479", "Functional Identifier Code"),
    _Element(2, _PARTY, GroupError.NOT_SUPPORTED, "142", "Application Sender's Code"),
    _Element(3, _PARTY, GroupError.NOT_SUPPORTED, "124", "Application Receiver's Code"),
    _Element(4, re.compile(DATE8), GroupError.NOT_SUPPORTED, "373", "Date"),
    _Element(5, re.compile(TIME), GroupError.NOT_SUPPORTED, "337", "Time"),
    _Element(6, re.compile("[0-9]{1,9}"), GroupError.CONTROL_NUMBER_SYNTAX, "28", "Group Control Number"),
    _Element(7, re.compile("X"), GroupError.NOT_SUPPORTED, "455", "Responsible Agency Code"),
    _Element(8, re.compile("[!-~]{1,12}"), GroupError.VERSION_NOT_SUPPORTED, "480", "Version Identifier Code"),
)
_TRANSACTION_HEADER = (
    _Element(1, re.compile("[0-9]{3}"), TransactionError.IDENTIFIER, "143", "Transaction Set Identifier Code"),
    _Element(
        2,
        _SET_NUMBER,
        TransactionError.CONTROL_NUMBER,
        "329",
        "Transaction Set Control Number",
    ),
)
_GROUP_HEADER_VALID = re.compile("\n".join(["GS", *(f"(?:{rule.pattern.pattern})" for rule in _GROUP_HEADER)]) + "\n*")
_TRANSACTION_HEADER_VALID = re.compile(
    "\n".join(["ST", *(f"(?:{rule.pattern.pattern})" for rule in _TRANSACTION_HEADER)]) + r"(?:\n[^\n]*)*"
)


def judge_group_header(segment: Segment, place: Place, component_separator: str) -> list[Finding]:
    """All that is wrong with a GS by itself."""
    text = "\n".join(segment)
    if _GROUP_HEADER_VALID.fullmatch(text) and component_separator not in text:
        return []
    findings = _judge(segment, _GROUP_HEADER, Level.GROUP, place, component_separator)
    return findings + _excess(segment, len(_GROUP_HEADER), Level.GROUP, GroupError.NOT_SUPPORTED, place)


def judge_transaction_header(segment: Segment, offset: int, component_separator: str) -> list[Finding]:
    """All that is wrong with an ST by itself; whether its set and guide are known is not asked here."""
    text = "\n".join(segment)
    if _TRANSACTION_HEADER_VALID.fullmatch(text) and component_separator not in text:
        return []
    return _judge(segment, _TRANSACTION_HEADER, Level.TRANSACTION, Place(1, offset), component_separator)


def judge_transaction_trailer(transaction: TransactionSet) -> list[Finding]:
    """SE01 must count the segments from ST to SE; SE02 must repeat ST02."""
    trailer = transaction.segments[-1]
    position = transaction.length
    if trailer[1:] == [str(position), *transaction.segments[0][2:3]]:
        return []
    findings = []
    if not is_count(element_of(trailer, 1), position, digits_max=10):
        code = TransactionError.SEGMENT_COUNT
        offset = transaction.offset_of(position - 1)
        findings.append(_trailer_finding(Level.TRANSACTION, code, trailer, 1, position, offset))
    if element_of(trailer, 2) != transaction.control_number:
        code = TransactionError.CONTROL_NUMBERS_DIFFER
        offset = transaction.offset_of(position - 1)
        findings.append(_trailer_finding(Level.TRANSACTION, code, trailer, 2, position, offset))
    return findings


def judge_group_trailer(trailer: Segment, group: FunctionalGroup, place: Place) -> list[Finding]:
    """GE01 must count the ST segments; GE02 must repeat GS06."""
    if trailer[1:] == [str(group.transaction_count), *group.header[6:7]]:
        return []
    findings = []
    if not is_count(element_of(trailer, 1), group.transaction_count, digits_max=6):
        code = GroupError.TRANSACTION_COUNT
        findings.append(_trailer_finding(Level.GROUP, code, trailer, 1, place.position, place.offset))
    if element_of(trailer, 2) != group.control_number:
        code = GroupError.CONTROL_NUMBERS_DIFFER
        findings.append(_trailer_finding(Level.GROUP, code, trailer, 2, place.position, place.offset))
    return findings + _excess(trailer, 2, Level.GROUP, GroupError.NOT_SUPPORTED, place)


def judge_interchange_trailer(trailer: Segment, groups: int, control_number: str, place: Place) -> list[Finding]:
    """IEA01 must count the GS segments; IEA02 must repeat ISA13."""
    if trailer[1:] == [str(groups), control_number]:
        return []
    findings = []
    if not is_count(element_of(trailer, 1), groups, digits_max=5):
        code = InterchangeNote.GROUP_COUNT
        findings.append(_trailer_finding(Level.INTERCHANGE, code, trailer, 1, place.position, place.offset))
    if element_of(trailer, 2) != control_number:
        code = InterchangeNote.CONTROL_NUMBERS_DIFFER
        findings.append(_trailer_finding(Level.INTERCHANGE, code, trailer, 2, place.position, place.offset))
    return findings + _excess(trailer, 2, Level.INTERCHANGE, InterchangeNote.CONTROL_STRUCTURE, place)


def _excess(segment: Segment, last: int, level: Level, code: Code, place: Place) -> list[Finding]:
    """Elements beyond the last that the segment can have; separators alone are nothing."""
    if not any(segment[last + 1 :]):
        return []
    return [Finding(level, code, segment_id=segment[0], segment=place.position, element=last + 1, offset=place.offset)]


def is_count(text: str, number: int, *, digits_max: int) -> bool:
    """Whether ``text`` writes ``number``, leading zeros allowed."""
    return len(text) <= digits_max and number_in(text) == number


def number_in(text: str) -> int | None:
    """The count that ``text`` writes, None when it writes none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _DIGITS_MAX else None


_DIGITS_MAX = 10
_TRAILER_ELEMENTS = {
    ("SE", 1): ("96", "Number of Included Segments"),
    ("SE", 2): ("329", "Transaction Set Control Number"),
    ("GE", 1): ("97", "Number of Transaction Sets Included"),
    ("GE", 2): ("28", "Group Control Number"),
    ("IEA", 1): ("I16", "Number of Included Functional Groups"),
    ("IEA", 2): ("I12", "Interchange Control Number"),
}


def _trailer_finding(level: Level, code: Code, trailer: Segment, number: int, position: int, offset: int) -> Finding:
    data_element, name = _TRAILER_ELEMENTS[trailer[0], number]
    return Finding(
        level,
        code,
        segment_id=trailer[0],
        segment=position,
        element=number,
        data_element=data_element,
        name=name,
        value=element_of(trailer, number),
        offset=offset,
    )


def _judge(
    segment: Segment, elements: tuple[_Element, ...], level: Level, place: Place, component_separator: str
) -> list[Finding]:
    values = [(rule, element_of(segment, rule.number)) for rule in elements]
    return [
        Finding(
            level,
            rule.code,
            segment_id=segment[0],
            segment=place.position,
            element=rule.number,
            data_element=rule.data_element,
            name=rule.name,
            value=value,
            offset=place.offset,
        )
        for rule, value in values
        if component_separator in value or not rule.pattern.fullmatch(value)
    ]
