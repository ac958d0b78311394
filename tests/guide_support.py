"""pyx12 as the judge of a file, with the guides of ``parsers.guides`` for its maps."""

import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pyx12.params import ParamsBase
from pyx12.x12n_document import x12n_document

from parsers.guides import FOLDER

SAMPLES = Path(__file__).parent / "samples"
REAL_SAMPLES = Path(__file__).parents[2] / "shared" / "samples"

REPEATING = {"EQ": 1, "EB": 3}
"""The simple elements that may repeat in the guides, segment identifier to element number."""


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One error of pyx12's: where in the transaction set (its ST is segment 1), and the IK304 or IK403 code."""

    segment: str
    position: int
    element: str
    """``3``, ``1-2`` for a component, empty for an error of the segment itself."""
    code: str


@dataclass(frozen=True, slots=True)
class Verdict:
    accepted: bool
    faults: tuple[Fault, ...]
    nodes: tuple[tuple[str, str], ...]
    """For each segment of the file, the path in the map and the name of the node that pyx12 took it for."""


def judge(data: str, folder: Path = FOLDER) -> Verdict:
    """What pyx12 says of an interchange."""
    nodes: list[tuple[str, str]] = []

    def note(_segment: object, _source: object, node: Any, _valid: bool) -> None:
        nodes.append((without_qualifiers(node.get_path()), node.name))

    report = io.StringIO()
    accepted = x12n_document(
        ParamsBase(), io.StringIO(data), None, None, None, report, map_path=str(folder), callback=note
    )
    return Verdict(accepted, tuple(sorted(_faults(json.loads(report.getvalue())))), tuple(nodes))


def without_qualifiers(path: str) -> str:
    """``2200D/REF[1K]`` as ``2200D/REF``."""
    return re.sub(r"\[[^]]*\]", "", path)


def first_repetitions(data: str) -> str:
    """Keep the first of each repeated service type code: pyx12 does not know repetitions of simple elements."""
    separator, repeat, terminator = data[3], data[82], data[105]
    return terminator.join(_first_repetition(segment, separator, repeat) for segment in data.split(terminator))


def _first_repetition(segment: str, separator: str, repeat: str) -> str:
    elements = segment.split(separator)
    number = REPEATING.get(elements[0].strip(), 0)
    if 0 < number < len(elements):
        elements[number] = elements[number].split(repeat)[0]
    return separator.join(elements)


def _faults(report: dict[str, Any]) -> Iterator[Fault]:
    for interchange in report["interchanges"]:
        yield from _envelope_faults("ISA", interchange)
        for group in interchange["groups"]:
            yield from _envelope_faults("GS", group)
            for transaction in group["transactions"]:
                yield from _envelope_faults("ST", transaction)
                yield from _segment_faults(transaction["segments"])


def _envelope_faults(segment: str, level: dict[str, Any]) -> Iterator[Fault]:
    return (Fault(segment, 0, "", error["err_cde"]) for error in level["errors"])


def _segment_faults(segments: list[dict[str, Any]]) -> Iterator[Fault]:
    for segment in segments:
        where = segment["seg_id"], segment["seg_count"]
        yield from (Fault(*where, "", error["err_cde"]) for error in segment["errors"])
        for element in segment["elements"]:
            number = "-".join(str(n) for n in (element["ele_pos"], element["subele_pos"]) if n)
            yield from (Fault(*where, number, error["err_cde"]) for error in element["errors"])
