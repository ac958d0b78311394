"""Where our verdict differs from pyx12's on purpose: each class once, with its reason and what tells it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from edi.acknowledgment_codes import ElementError, GroupError, InterchangeNote, SegmentError, TransactionError
from parsers.checking import check
from parsers.findings import Level
from parsers.frames import Interchange, Segment, element_of
from parsers.reference import LEADING_SPACE, TRAILING_SEPARATORS, Point, Verdict, judge, points_of
from parsers.report import Report

_INSIDE = (Level.SEGMENT, Level.ELEMENT)


@dataclass
class Case:
    """One file under both judges."""

    data: bytes

    @cached_property
    def report(self) -> Report:
        """What we say."""
        return check(self.data)

    @property
    def interchanges(self) -> Sequence[Interchange]:
        """As we frame it."""
        return self.report.interchanges

    @cached_property
    def ours(self) -> set[Point]:
        """What we find."""
        return {*points_of(self.report)}

    @cached_property
    def reference(self) -> Verdict:
        """What pyx12 says."""
        return judge(self.data)

    def segment(self, point: Point) -> Segment:
        """The segment that ``point`` is about, empty when it is in no transaction set."""
        try:
            group = self.interchanges[point.interchange - 1].groups[point.group - 1]
            return group.transactions[point.transaction - 1].segments[point.segment - 1]
        except IndexError:
            return []

    def has(self, point: Point, *codes: str, level: Level) -> bool:
        """Whether we find one of ``codes`` at ``level`` in the interchange, group or transaction set of ``point``."""
        return any(
            mine.level is level
            and mine.code in codes
            and mine.interchange == point.interchange
            and (level is not Level.TRANSACTION or (mine.group, mine.transaction) == (point.group, point.transaction))
            for mine in self.ours
        )


@dataclass(frozen=True, slots=True)
class Difference:
    """One class of difference."""

    name: str
    reason: str
    explains: Callable[[Case, Point], bool]
    """Whether a point that only one of the two has is of this class."""


def _is_broken_envelope(case: Case, point: Point) -> bool:
    """The interchange of ``point`` or one before it is not whole, or what comes after it is none."""
    broken = {
        (Level.INTERCHANGE, InterchangeNote.CONTROL_STRUCTURE),
        (Level.INTERCHANGE, InterchangeNote.PREMATURE_END),
        (Level.GROUP, GroupError.TRAILER_MISSING),
        (Level.TRANSACTION, TransactionError.TRAILER_MISSING),
    }
    return any(
        (mine.level, mine.code) in broken and mine.interchange <= point.interchange for mine in case.ours
    ) or any(_is_unreadable(interchange) for interchange in case.interchanges)


def _is_unreadable(interchange: Interchange) -> bool:
    return bool(interchange.findings) and not interchange.group_count


def _is_other_set(case: Case, point: Point) -> bool:
    codes = (TransactionError.NOT_IN_THIS_GROUP, TransactionError.NOT_SUPPORTED, TransactionError.IDENTIFIER)
    return case.has(point, *codes, level=Level.TRANSACTION) or (
        point.level is Level.SEGMENT and point.transaction == 0 and any(p.code in codes for p in case.ours)
    )


def _is_trailing_separator(case: Case, point: Point) -> bool:
    if point.code == TRAILING_SEPARATORS:
        return True
    segment = case.segment(point)
    if _is_trailing_in_envelope(case, point):
        return True
    is_excess = point.level is Level.ELEMENT and point.code == ElementError.TOO_MANY_ELEMENTS
    return is_excess and not any(segment[point.element :])


def _is_trailing_in_envelope(case: Case, point: Point) -> bool:
    """The same in GS, GE and IEA, of which nothing but the findings is kept."""
    codes = {(Level.GROUP, GroupError.NOT_SUPPORTED), (Level.INTERCHANGE, InterchangeNote.CONTROL_STRUCTURE)}
    if (point.level, point.code) not in codes or point in case.ours:
        return False
    marks = case.interchanges[0].delimiters
    pieces = case.data.decode("latin-1").split(marks.segment)
    return any(piece.strip()[:2] in ("GS", "GE", "IE") and piece.endswith(marks.element) for piece in pieces)


def _is_repetition(case: Case, point: Point) -> bool:
    if point.level is not Level.ELEMENT or not 1 <= point.interchange <= len(case.interchanges):
        return False
    separator = case.interchanges[point.interchange - 1].delimiters.repetition
    segment = case.segment(point)
    return point.element < len(segment) and separator in segment[point.element]


def _is_hierarchy(case: Case, point: Point) -> bool:
    is_parent = point.level is Level.ELEMENT and (point.element, point.code) == (2, ElementError.PATTERN)
    return is_parent and case.segment(point)[:1] == ["HL"] and point in case.ours


def _is_outside(_case: Case, point: Point) -> bool:
    return point.level in _INSIDE and point.transaction == 0


def _is_declared_separator(case: Case, point: Point) -> bool:
    return point.code == InterchangeNote.COMPONENT_SEPARATOR and point not in case.ours


def _is_empty_unknown(case: Case, point: Point) -> bool:
    is_empty = point.level is Level.SEGMENT and point.code == SegmentError.ELEMENTS_IN_ERROR
    return is_empty and any(
        (p.transaction, p.segment, p.level, p.code)
        == (point.transaction, point.segment, Level.SEGMENT, SegmentError.UNKNOWN)
        for p in case.ours
    )


def _is_set_with_ta1(case: Case, point: Point) -> bool:
    return any(
        segment[0] == "TA1"
        for interchange in case.interchanges
        for group in interchange.groups
        for transaction in group.transactions
        for segment in transaction.segments
    ) and point.level in (*_INSIDE, Level.TRANSACTION, Level.GROUP)


def _is_other_direction(case: Case, point: Point) -> bool:
    """A 278 whose second segment is no BHT that the guide takes."""
    try:
        group = case.interchanges[point.interchange - 1].groups[point.group - 1]
        segments = group.transactions[point.transaction - 1].segments
    except IndexError:
        return False
    is_odd = [segment[0] for segment in segments].count("BHT") != 1 or segments[1][0] != "BHT"
    unknown = {(p.level, p.segment, p.code) for p in case.ours | case.reference.points}
    return group.identifier == "HI" and (is_odd or (Level.SEGMENT, 2, SegmentError.UNKNOWN) in unknown)


def _is_after_empty_segment(case: Case, _point: Point) -> bool:
    marks = case.interchanges[0].delimiters
    text = case.data.decode("latin-1")
    return any(not piece.strip("\r\n") for piece in text.rstrip("\r\n").split(marks.segment)[:-1])


def _is_short_hierarchy(case: Case, point: Point) -> bool:
    """The HL that ends before HL02, or one after it: pyx12 takes all HL before it to be closed."""
    is_parent = point.level is Level.ELEMENT and (point.element, point.code) == (2, ElementError.PATTERN)
    if not is_parent or case.segment(point)[:1] != ["HL"] or point in case.ours:
        return False
    group = case.interchanges[point.interchange - 1].groups[point.group - 1]
    segments = group.transactions[point.transaction - 1].segments[: point.segment]
    return any(segment[0] == "HL" and len(segment) <= len(("HL", "HL01")) for segment in segments)


def _is_cut_value(case: Case, point: Point) -> bool:
    """A number, or a code that names the guide, with component separators at its end."""
    try:
        interchange = case.interchanges[point.interchange - 1]
        group = interchange.groups[point.group - 1]
    except IndexError:
        return False
    mark = interchange.delimiters.component
    purposes = [element_of(t.segments[1], 2) for t in group.transactions if len(t.segments) > 1]
    if any(value.endswith(mark) for value in (group.version, group.identifier, *purposes)):
        return True
    if point.level is Level.ELEMENT and point.code == ElementError.PATTERN:
        return element_of(case.segment(point), point.element).endswith(mark)
    differ = (TransactionError.CONTROL_NUMBERS_DIFFER, GroupError.CONTROL_NUMBERS_DIFFER)
    numbers = [group.control_number, *(transaction.control_number for transaction in group.transactions)]
    is_control_number = point.level in (Level.TRANSACTION, Level.GROUP) and point.code in differ
    return is_control_number and any(number.endswith(mark) for number in numbers)


def _is_signed(case: Case, point: Point) -> bool:
    is_syntax = point.level is Level.GROUP and point.code == GroupError.CONTROL_NUMBER_SYNTAX
    return is_syntax and any(g.control_number.startswith("-") for i in case.interchanges for g in i.groups)


_TOLD_IN_HEADER = {
    (Level.TRANSACTION, TransactionError.CONTROL_NUMBERS_DIFFER): TransactionError.CONTROL_NUMBER,
    (Level.GROUP, GroupError.CONTROL_NUMBERS_DIFFER): GroupError.CONTROL_NUMBER_SYNTAX,
}
"""What pyx12 finds in a trailer, by what we find in the header that it repeats."""


def _is_told_in_header(case: Case, point: Point) -> bool:
    """SE02 or GE02 that is as wrong as the ST02 or GS06 that it repeats."""
    told = next(
        (mine for (level, code), mine in _TOLD_IN_HEADER.items() if (point.level, point.code) == (level, code)), ""
    )
    return bool(told) and point not in case.ours and case.has(point, told, level=point.level)


def _is_line_without_claim(case: Case, point: Point) -> bool:
    """An LX with no CLM before it in its transaction set."""
    is_count = point.level is Level.ELEMENT and (point.element, point.code) == (1, ElementError.PATTERN)
    if not is_count or case.segment(point)[:1] != ["LX"]:
        return False
    group = case.interchanges[point.interchange - 1].groups[point.group - 1]
    before = group.transactions[point.transaction - 1].segments[: point.segment]
    return all(segment[0] != "CLM" for segment in before)


DIFFERENCES = (
    Difference(
        "broken envelope",
        "Where ISA, GS, ST or a trailer is missing or out of place, pyx12 walks on by the map with counts that are "
        "off; we say which envelope is broken, at its own level, and judge only what is whole.",
        _is_broken_envelope,
    ),
    Difference(
        "set not of the group's guide",
        "pyx12 finds no place for an ST01 of another guide and calls each segment after it unknown; one IK502 says it.",
        _is_other_set,
    ),
    Difference(
        "trailing separators",
        "Separators after the last element are harmless and common in real files; pyx12 refuses them.",
        _is_trailing_separator,
    ),
    Difference(
        "space before a segment",
        "White space before a segment identifier is harmless and common in real files; pyx12 refuses it.",
        lambda _case, point: point.code == LEADING_SPACE,
    ),
    Difference(
        "repetitions",
        "pyx12 takes the repetition separator for data: a repeated code is one bad code to it, and a separator where "
        "nothing repeats is text. We judge each repetition and count them.",
        _is_repetition,
    ),
    Difference(
        "HL of the wrong parent",
        "pyx12 asks only that HL02 names an HL that is open; the guides say of which level it is.",
        _is_hierarchy,
    ),
    Difference(
        "outside of transaction sets",
        "A 999 has no place for errors in segments between the sets (a TA1 on its way, a missing GS that has nothing "
        "to hold); pyx12 finds them and mostly loses them.",
        _is_outside,
    ),
    Difference(
        "TA1 in a set",
        "A TA1 between ST and SE sends pyx12 to its place beside the groups, and the rest of the set goes astray.",
        _is_set_with_ta1,
    ),
    Difference(
        "empty segment",
        "At two terminators in a row pyx12 takes the file to be over; we read on.",
        _is_after_empty_segment,
    ),
    Difference(
        "direction of a 278",
        "Request or response is in BHT02. We read it wherever the second segment is a BHT, pyx12 where its map for "
        "the other direction takes the BHT.",
        _is_other_direction,
    ),
    Difference(
        "short HL",
        "An HL that ends before HL02 has no parent, to pyx12 a wrong one.",
        _is_short_hierarchy,
    ),
    Difference(
        "cut value",
        "pyx12 drops component separators at the end of a number, GS01, GS08 or BHT02 before using it; we take what "
        "was sent.",
        _is_cut_value,
    ),
    Difference(
        "told in the header",
        "An SE02 or GE02 that repeats an impossible ST02 or GS06 is right in repeating it; the fault is told once.",
        _is_told_in_header,
    ),
    Difference(
        "line without claim",
        "pyx12 begins to count the service lines anew at each CLM, but not at an ST.",
        _is_line_without_claim,
    ),
    Difference(
        "signed control number",
        "GS06 is a number to pyx12, minus and all; X12.5 has digits only.",
        _is_signed,
    ),
    Difference(
        "any separator",
        "The ISA may declare any component separator; to pyx12 a caret or grave accent in ISA16 of a 4010 is a bad "
        "character.",
        _is_declared_separator,
    ),
    Difference(
        "unknown and empty",
        "A segment that the guide does not know is not also judged for having no elements.",
        _is_empty_unknown,
    ),
)

GAVE_UP = Difference(
    "pyx12 gives up",
    "pyx12 raises on a group without a map, too many components, an ISA of the wrong width, a trailer too many; "
    "we say what is wrong.",
    lambda case, _point: bool(case.reference.gave_up) and bool(case.ours),
)
LOST = Difference(
    "pyx12 loses it",
    "pyx12 finds errors in segments before the first ST, or of the envelope segments themselves, has no place to keep "
    "them and accepts the file.",
    lambda case, _point: case.reference.accepted and bool(case.reference.points),
)
"""These two are about whole files, not about single points."""
