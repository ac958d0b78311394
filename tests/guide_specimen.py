"""The largest transactions a guide allows with each loop and segment once, every usable element filled in."""

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass, field

from pyx12.codes import ExternalCodes
from pyx12.dataele import DataElements

from parsers.guides import FOLDER

CONTROL_VALUES = {
    "ISA11": "^", "ISA13": "000000101", "ISA16": ":", "IEA01": "1", "IEA02": "000000101",
    "GS06": "101", "GE01": "1", "GE02": "101", "ST02": "0001", "SE02": "0001",
}  # fmt: skip
PERIODS = {"D8": "20260601", "RD8": "20260601-20260602", "TM": "0930", "DT": "202606010930"}
TYPED_VALUES = {"DT": "20260601", "TM": "0930"}

_elements = DataElements(str(FOLDER))
_codes = ExternalCodes(str(FOLDER))


@dataclass(slots=True)
class Specimen:
    """An interchange made from a map, and the node of the map that each of its segments is meant for."""

    avoided: frozenset[str] = frozenset()
    """Identifiers of loops to leave out."""
    segments: list[list[str]] = field(default_factory=list)
    nodes: list[tuple[str, str]] = field(default_factory=list)
    levels: int = 0
    rivals: set[str] = field(default_factory=set)
    """Loops that must be avoided to reach one that was left out, because it has the place of one inside them."""

    @property
    def text(self) -> str:
        return "".join("*".join(segment) + "~\n" for segment in self.segments)


def specimens(guide: ET.Element) -> Iterator[Specimen]:
    """Walk the map from ISA to IEA in the order of its positions, once for each of its alternatives.

    A loop that the map has in two places, as the patient event of a subscriber and of a dependent in a 278, cannot
    be in both at once: a walker takes the second for a repeat of the first.
    """
    whole = _specimen(guide, frozenset())
    yield whole
    for rival in sorted(whole.rivals):
        yield _specimen(guide, frozenset({rival}))


def _specimen(guide: ET.Element, avoided: frozenset[str]) -> Specimen:
    made = Specimen(avoided)
    for loop in guide.findall("loop"):
        _add_loop(made, loop, "", parent_level="")
    return made


def _add_loop(made: Specimen, loop: ET.Element, path: str, parent_level: str) -> None:
    path, level = f"{path}/{loop.get('xid')}", parent_level
    done: list[ET.Element] = []
    for child in sorted(children(loop), key=lambda node: int(node.findtext("pos", ""))):
        if child.findtext("usage") == "N" or child.get("xid") in made.avoided | {"TA1"}:
            continue
        if child.tag == "segment":
            level = _add_segment(made, child, path, level)
        elif rivals := [
            other for other in done if any(inner.get("xid") == child.get("xid") for inner in other.iter("loop"))
        ]:
            made.rivals |= {rival.get("xid", "") for rival in rivals}
        else:
            _add_loop(made, child, path, level)
            done.append(child)


def _add_segment(made: Specimen, segment: ET.Element, path: str, level: str) -> str:
    identifier = segment.get("xid", "")
    values = [identifier, *_values(segment)]
    if identifier == "HL":
        made.levels += 1
        values[1], values[2], level = str(made.levels), level, str(made.levels)
    if identifier == "SE":
        values[1] = str(len(made.segments) - 1)
    made.segments.append(values)
    made.nodes.append((f"{path}/{identifier}", segment.findtext("name", "")))
    return level


def children(loop: ET.Element) -> list[ET.Element]:
    """The loops and segments of a loop as the file has them."""
    return [node for node in loop if node.tag in ("loop", "segment")]


def parts(segment: ET.Element) -> list[ET.Element]:
    """The elements and composites of a segment, or the components of a composite."""
    return [node for node in segment if node.tag in ("element", "composite")]


def notes(segment: ET.Element) -> list[tuple[str, list[int]]]:
    """Syntax notes: ``P0304`` as ``("P", [3, 4])``."""
    texts = [note.text or "" for note in segment.findall("syntax")]
    return [(text[0], [int(text[at : at + 2]) for at in range(1, len(text), 2)]) for text in texts]


def _values(segment: ET.Element) -> Iterator[str]:
    filled, period = _usable(segment), ""
    last = max(filled, default=0)
    for number, part in enumerate(parts(segment)[:last], 1):
        value = _value(part, period) if number in filled else ""
        period = value if part.findtext("data_ele") == "1250" else period
        yield value


def _usable(segment: ET.Element) -> set[int]:
    """Element numbers to fill: all that are used, less those that a syntax note keeps from standing together."""
    filled = {number for number, part in enumerate(parts(segment), 1) if part.findtext("usage") != "N"}
    for kind, numbers in notes(segment) * 2:
        present = [number for number in numbers if number in filled]
        if kind == "E":
            filled -= set(present[1:])
        elif kind == "P" and len(present) < len(numbers):
            filled -= set(present)
        elif kind == "C" and len(present) < len(numbers):
            filled.discard(numbers[0])
    return filled


def _value(part: ET.Element, period: str) -> str:
    if part.tag == "composite":
        return ":".join(_values(part))
    reference = part.findtext("data_ele", "")
    definition = _elements.get_by_elem_num(reference)
    if part.get("xid") in CONTROL_VALUES:
        return CONTROL_VALUES[part.get("xid", "")]
    if codes := codes_of(part):
        return codes[0]
    if reference == "1251":
        return PERIODS[period]
    data_type, longest, shortest = str(definition["data_type"]), int(definition["max_len"]), int(definition["min_len"])
    if data_type in TYPED_VALUES:
        return TYPED_VALUES[data_type][-longest:]
    return ("1" if data_type[0] in "NR" else "X") * shortest


def codes_of(element: ET.Element) -> list[str]:
    """The codes an element may hold, those in the map before those of an external list."""
    valid = element.find("valid_codes")
    if valid is None:
        return []
    external = valid.get("external")
    return [code.text or "" for code in valid] + (sorted(_codes.codes[external]["codes"]) if external else [])
