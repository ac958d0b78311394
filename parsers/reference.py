"""pyx12's own verdict on a file, in the coordinates of our findings.

pyx12's reader, walker and validators do the judging; only the loop that drives them is written anew, because pyx12's
own loads the maps anew for each document and tells less of an element error than its validators know. What pyx12
raises instead of judging is kept as ``Verdict.gave_up``.

pyx12 tells errors in the codes of the 997 and in codes of its own; where the 999 has a better one for the same fault,
it is given that code here, so that verdicts can be compared.
"""

import io
import logging
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from pyx12.errors import EngineError, X12Error
from pyx12.map_if import load_map_file
from pyx12.map_index import map_index
from pyx12.map_walker import walk_tree
from pyx12.syntax import is_syntax_valid
from pyx12.x12file import X12Reader

from edi.acknowledgment_codes import ElementError
from parsers.compiling import parameters
from parsers.findings import Finding, Level
from parsers.guides import FOLDER
from parsers.interchange_header import ISA_NOTES
from parsers.report import Report
from parsers.syntax_notes import SyntaxNote

logging.getLogger("pyx12").setLevel(logging.CRITICAL)  # It logs bad values as they are: names, ids, birth dates.


@dataclass(frozen=True, slots=True, order=True)
class Point:
    """One error: where it is and which code tells it. What both verdicts are compared by."""

    interchange: int
    """From 1."""
    group: int
    """In the interchange, from 1; 0 for what is outside."""
    transaction: int
    """In the group, from 1; 0 for what is outside."""
    level: Level
    segment: int
    """In the transaction set, the ST being 1; 0 at the levels TA1, AK9 and IK5."""
    element: int
    component: int
    code: str

    @classmethod
    def nowhere(cls) -> "Point":
        """A point for what is about the file as a whole."""
        return cls(0, 0, 0, Level.INTERCHANGE, 0, 0, 0, "")


LEADING_SPACE = "SPACE"
"""Stands for pyx12's code 1 where it means a space before the segment identifier."""
TRAILING_SEPARATORS = "SEG1"
"""pyx12's own code for separators at the end of a segment."""


@dataclass(slots=True)
class Verdict:
    """What pyx12 says of a file."""

    accepted: bool = True
    """As pyx12 returns it. It finds some errors and then loses them, those of segments outside a transaction set."""
    points: set[Point] = field(default_factory=set)
    """All that it finds, lost or not."""
    gave_up: str = ""
    """Name of the exception that pyx12 raised, empty when it judged to the end."""


def judge(data: bytes) -> Verdict:
    """pyx12's verdict on a file, with our guides where there are any and its own else."""
    verdict = Verdict()
    run = _Run(verdict)
    try:
        run.judge(data.decode("latin-1"))
    except (X12Error, EngineError, AttributeError, IndexError, ValueError, TypeError, AssertionError) as error:
        verdict.gave_up = type(error).__name__
        verdict.accepted = False
    return verdict


def points_of(report: Report) -> Iterator[Point]:
    """Our findings in pyx12's coordinates: envelopes by their number, places within transaction sets only."""
    for number, interchange in enumerate(report.interchanges, start=1):
        outside = Point(number, 0, 0, Level.INTERCHANGE, 0, 0, 0, "")
        yield from (_point(outside, finding) for finding in interchange.findings)
        for group_number, group in enumerate(interchange.groups, start=1):
            in_group = replace(outside, group=group_number)
            yield from (_point(in_group, finding) for finding in group.findings)
            for set_number, transaction in enumerate(group.transactions, start=1):
                in_set = replace(in_group, transaction=set_number)
                yield from (_point(in_set, finding) for finding in transaction.findings)


def _point(place: Point, finding: Finding) -> Point:
    point = replace(place, level=finding.level, code=finding.code.value)
    if finding.level not in (Level.SEGMENT, Level.ELEMENT):
        return point
    return replace(point, segment=finding.segment or 0, element=finding.element or 0, component=finding.component or 0)


@lru_cache(maxsize=64)
def _map(file: str, folder: Path | None) -> Any:
    return load_map_file(file, parameters(), str(folder) if folder else None)


@lru_cache(maxsize=2)
def _index(folder: Path | None) -> Any:
    return map_index(str(folder) if folder else None)


def _find_map(icvn: str, version: str, identifier: str, purpose: str | None) -> Any:
    for folder in (FOLDER, None):
        file = _index(folder).get_filename(icvn, version, identifier, purpose)
        if file is not None:
            return _map(file, folder)
    return None


_INTERCHANGE_CODES = {number: str(note) for number, note in ISA_NOTES.items()}
_CODES_BY_ENVELOPE: dict[str, tuple[Level, dict[int, str], str]] = {
    "ISA": (Level.INTERCHANGE, _INTERCHANGE_CODES, "022"),
    "IEA": (Level.INTERCHANGE, {1: "021", 2: "001"}, "022"),
    "GS": (Level.GROUP, {6: "6", 8: "2"}, "1"),
    "GE": (Level.GROUP, {1: "5", 2: "4"}, "1"),
    "ST": (Level.TRANSACTION, {1: "6", 2: "7", 3: "I6"}, ""),
    "SE": (Level.TRANSACTION, {1: "4", 2: "3"}, ""),
}
"""Where an element error of an envelope segment is told, and by which code: by element, else the last."""

_NUMBER_ERRORS = {"HL1": 1, "HL2": 2, "LX": 1}
"""Errors of pyx12's reader that its 999 leaves out, with the element they are about."""


class _Run:
    """One file through pyx12."""

    def __init__(self, verdict: Verdict) -> None:
        self._verdict = verdict
        self._interchange = self._group = self._transaction = self._position = 0
        self._is_inside = False
        """Between ST and SE."""
        self._has_set = False
        """Whether pyx12 has a transaction set, open or not, to which it can add the error of a segment."""
        self._version = self._kind = self._guide_version = ""

    def judge(self, text: str) -> None:
        """Drive reader, walker and validators as pyx12's own loop does."""
        reader: Any = X12Reader(io.StringIO(text, newline=""))
        control = _map("x12.control.00501.xml" if reader.icvn == "00501" else "x12.control.00401.xml", None)
        walker = walk_tree()
        node = control.getnodebypath("/ISA_LOOP/ISA")
        for segment in reader:
            identifier = segment.get_seg_id()
            self._open(identifier)
            self._keep_reader_errors(reader.pop_errors(), loses=identifier in _CODES_BY_ENVELOPE)
            found = self._walk(walker, control, node, segment)
            if found is not None:
                self._has_set = self._has_set or identifier == "ST"
                node = self._choose_map(segment, reader, found)
                self._validate(node, segment)
            if identifier == "SE":
                self._is_inside = False
        reader.cleanup()
        self._keep_reader_errors(reader.pop_errors(), loses=True)

    def _open(self, identifier: str) -> None:
        if identifier == "ISA":
            self._interchange += 1
            self._group = self._transaction = 0
        elif identifier == "GS":
            self._group += 1
            self._transaction = 0
        elif identifier == "ST":
            self._transaction += 1
            self._position = 0
        self._is_inside = identifier == "ST" or (self._is_inside and identifier not in ("ISA", "GS", "GE", "IEA"))
        self._position += 1

    def _walk(self, walker: Any, control: Any, node: Any, segment: Any) -> Any:
        if segment.get_seg_id() == "ISA":
            walker.forceWalkCounterToLoopStart("/ISA_LOOP", "/ISA_LOOP/ISA")
            return control.getnodebypath("/ISA_LOOP/ISA")
        if segment.get_seg_id() == "GS":
            walker.forceWalkCounterToLoopStart("/ISA_LOOP/GS_LOOP", "/ISA_LOOP/GS_LOOP/GS")
            return control.getnodebypath("/ISA_LOOP/GS_LOOP/GS")
        found, _, _, errors = walker.walk_errors(node, segment, 0, 0, None)
        for error in errors:
            code = _NOT_USED_SEGMENT if error.err_cde == "2" else error.err_cde
            self._add(Level.SEGMENT, code, is_lost=not self._has_set)
        return found

    def _choose_map(self, segment: Any, reader: Any, found: Any) -> Any:
        """The guide by GS01 and GS08; for the two directions of the 278, by BHT02 once it is read."""
        identifier = segment.get_seg_id()
        if identifier == "ISA":
            self._version = segment.get_value("ISA12")
        elif identifier == "GS":
            self._kind, self._guide_version = segment.get_value("GS01"), segment.get_value("GS08")
            chosen = _find_map(self._version, self._guide_version, self._kind, None)
            if chosen is None:
                raise EngineError("no map for the group")
            reader.check_837_lx = chosen.id == "837"
            return chosen.getnodebypath("/ISA_LOOP/GS_LOOP/GS")
        elif identifier == "BHT" and self._kind == "HI":
            chosen = _find_map(self._version, self._guide_version, self._kind, segment.get_value("BHT02"))
            return chosen.getnodebypath("/ISA_LOOP/GS_LOOP/ST_LOOP/HEADER/BHT") if chosen else found
        return found

    def _keep_reader_errors(self, errors: list[Any], *, loses: bool) -> None:
        """Keep what the reader found; ``loses`` says that pyx12 loses errors of the segment itself here."""
        loses = loses or not self._has_set
        for kind, code, message, _, _ in errors:
            if kind == "isa":
                self._add(Level.INTERCHANGE, code)
            elif kind == "gs":
                self._add(Level.GROUP, _DUPLICATE_GROUP if code == "6" else code)
            elif kind == "st":
                self._add(Level.TRANSACTION, code)
            elif code in _NUMBER_ERRORS:
                self._add(Level.ELEMENT, ElementError.PATTERN, _NUMBER_ERRORS[code], is_lost=loses)
            else:
                self._add(Level.SEGMENT, LEADING_SPACE if "leading space" in message else code, is_lost=loses)

    def _validate(self, node: Any, segment: Any) -> None:
        _, errors = node.is_valid_errors(segment)
        for error in errors:
            if not isinstance(error.refdes, int):
                self._add_element(node, error, segment)
        for syntax in node.syntax:
            if not is_syntax_valid(segment, syntax)[0]:
                self._add_breach(SyntaxNote(syntax[0], tuple(syntax[1:])), segment)

    def _add_breach(self, note: SyntaxNote, segment: Any) -> None:
        values = [segment.get_value(f"{number:02d}") or "" for number in range(1, len(segment) + 1)]
        number = note.breach([segment.get_seg_id(), *values], segment.subele_term)
        self._add(Level.ELEMENT, note.code, number or note.elements[0])

    def _add_element(self, node: Any, error: Any, segment: Any) -> None:
        if error.map_node is not None:
            parent, own = error.map_node.parent, error.map_node.seq
            number, component = (parent.seq, own) if parent.is_composite() else (own, 0)
            self._add_at(node, ElementError.NOT_USED if error.err_cde == "10" else error.err_cde, number, component)
            return
        composites = _composites_at_fault(node, error, segment)
        for composite in composites:
            self._add_at(node, ElementError.NOT_USED if error.err_cde == "5" else error.err_cde, composite.seq)
        if not composites:
            self._add_at(node, error.err_cde, int(error.refdes[-2:]))

    def _add_at(self, node: Any, code: str, number: int, component: int = 0) -> None:
        level, codes, other = _CODES_BY_ENVELOPE.get(node.id, (Level.ELEMENT, {}, ""))
        is_excess = code == ElementError.TOO_MANY_ELEMENTS
        if (number in codes and not is_excess) or other:
            self._add(level, other if is_excess else codes.get(number, other))
        else:
            self._add(Level.ELEMENT, code, number, component)

    def _add(self, level: Level, code: str, element: int = 0, component: int = 0, *, is_lost: bool = False) -> None:
        self._verdict.accepted = self._verdict.accepted and is_lost
        is_own = level in (Level.SEGMENT, Level.ELEMENT)
        self._verdict.points.add(
            Point(
                self._interchange,
                self._group if level is not Level.INTERCHANGE else 0,
                self._transaction if level is Level.TRANSACTION or (is_own and self._is_inside) else 0,
                level,
                self._position if is_own and self._is_inside else 0,
                element,
                component,
                str(code),
            )
        )


def _composites_at_fault(node: Any, error: Any, segment: Any) -> list[Any]:
    """The composites that an error without a node of its own can be of: some maps give several the same name."""
    named = [child for child in node.children if child.is_composite() and child.refdes == error.refdes]
    judged = [(child, child.is_valid_errors(segment.get(f"{child.seq:02d}"))[1]) for child in named]
    return [child for child, errors in judged if any(each.map_node is None for each in errors)]


_NOT_USED_SEGMENT = "I4"
_DUPLICATE_GROUP = "19"
