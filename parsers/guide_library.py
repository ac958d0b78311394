"""The guides at hand: our own (``parsers.guides``) first, then those that pyx12 carries; compiled when first used."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from pyx12.map_index import map_index

from edi.delimiters import STANDARD, Delimiters
from parsers.compiling import compile_guide
from parsers.frames import FunctionalGroup, Interchange, TransactionSet, element_of
from parsers.guide_rules import Guide
from parsers.guides import FOLDER
from parsers.patterns import Match, compile_segment
from parsers.shapes import Shapes
from parsers.walking import Walker

_DELIMITER_SETS_MAX = 8
"""Sets of delimiters a guide keeps expressions for; segments with others are judged element by element."""


class ReadyGuide:
    """A guide with what is worked out once and kept: steps of the walk, expressions by delimiters."""

    def __init__(self, rules: Guide) -> None:
        self.rules = rules
        self.walker = Walker(rules)
        self.shapes = Shapes(rules, self.walker)
        self._by_index = {segment.index: segment for segment in rules.segments}
        self._tests: dict[Delimiters, list[Match | None]] = {}

    def tests(self, delimiters: Delimiters) -> list[Match | None]:
        """For these delimiters, a test of a segment's text by the index of its rule; None where it is not made yet."""
        tests = self._tests.get(delimiters)
        if tests is None:
            tests = [None] * self.rules.counters
            if len(self._tests) < _DELIMITER_SETS_MAX:
                self._tests[delimiters] = tests
        return tests

    def test(self, index: int, delimiters: Delimiters) -> Match | None:
        """One of these tests, made if need be; None when too many sets of delimiters have been seen."""
        tests = self.tests(delimiters)
        if delimiters not in self._tests:
            return None
        test = tests[index]
        if test is None:
            test = tests[index] = compile_segment(self._by_index[index], delimiters, is_5010=self.rules.is_5010)
        return test


@dataclass(frozen=True, slots=True)
class _Entry:
    """One line of a ``maps.xml``."""

    interchange_version: str
    group_version: str
    identifier: str
    purpose: str
    file: str
    folder: Path | None


def find_guide(transaction: TransactionSet, group: FunctionalGroup, interchange: Interchange) -> ReadyGuide | None:
    """The guide by ISA12, GS08 and GS01, and BHT02 where these name more than one; None when none is known."""
    entries = _entries(interchange.version, group.version, group.identifier)
    if len(entries) > 1:
        purpose = _purpose(transaction)
        entries = tuple(entry for entry in entries if entry.purpose == purpose) or entries
    return _ready(entries[0].file, entries[0].folder) if entries else None


def prepare(delimiters: Delimiters = STANDARD) -> None:
    """Compile our own guides now, with the tests for these delimiters, so that no inquiry waits for it (1 to 2 s)."""
    for entry in _all_entries():
        if entry.folder is not None:
            guide = _ready(entry.file, entry.folder)
            for segment in guide.rules.segments:
                guide.test(segment.index, delimiters)


def is_known(group: FunctionalGroup, interchange: Interchange) -> bool:
    """Whether there is a guide for the groups of this kind and version."""
    return bool(_entries(interchange.version, group.version, group.identifier))


def is_known_identifier(identifier: str) -> bool:
    """Whether there is a guide of any version for GS01 ``identifier``."""
    return any(entry.identifier == identifier for entry in _all_entries())


def is_known_transaction(identifier: str) -> bool:
    """Whether there is a guide of any version for ST01 ``identifier``."""
    return any(entry.file.startswith(identifier) for entry in _all_entries()) and len(identifier) == len("270")


def _purpose(transaction: TransactionSet) -> str:
    """BHT02, which is in the second segment where it is at all."""
    second = transaction.segments[1] if len(transaction.segments) > 1 else [""]
    return element_of(second, 2) if second[0] == "BHT" else ""


@lru_cache(maxsize=256)
def _entries(interchange_version: str, group_version: str, identifier: str) -> tuple[_Entry, ...]:
    """From the first folder that has any."""
    wanted = (interchange_version, group_version, identifier)
    found = [e for e in _all_entries() if (e.interchange_version, e.group_version, e.identifier) == wanted]
    return tuple(entry for entry in found if entry.folder == found[0].folder)


@lru_cache(maxsize=1)
def _all_entries() -> tuple[_Entry, ...]:
    return tuple(
        _Entry(m["icvn"] or "", m["vriic"], m["fic"] or "", m["tspc"] or "", m["map_file"], folder)
        for folder in (FOLDER, None)
        for m in map_index(str(folder) if folder else None).maps
        if m["vriic"]
    )


@lru_cache(maxsize=64)
def _ready(file: str, folder: Path | None) -> ReadyGuide:
    return ReadyGuide(compile_guide(file, folder))
