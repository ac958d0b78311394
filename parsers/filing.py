"""A file of any size, read as what it files: checked parts of transaction sets, one claim, member or level at a time.

Each set is judged by its guide while it is read, and what has been handed out is not held any more: memory is bounded
by one piece of the file, however many claims one transaction set holds. What is wrong with one claim is told of that
claim, and the others of its set are still sound.
"""

import sys
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from edi.acknowledgment_codes import SegmentError
from edi.delimiters import Delimiters
from parsers.conformance import TransactionCheck, check_group
from parsers.findings import Finding
from parsers.frames import FunctionalGroup, Interchange, Segment, TransactionSet, element_of
from parsers.framing import Event, Framer, GroupClosed, GroupOpened, InterchangeClosed, InterchangeOpened
from parsers.framing import TransactionRead as SetRead
from parsers.guide_library import ReadyGuide, find_guide
from parsers.streaming import Found

_LEVEL = 3
"""HL03, the kind of a level."""


@dataclass(frozen=True, slots=True)
class Outline:
    """Where transaction sets of one kind are cut, each cut with its rank: a part lies in the last of a lower rank."""

    segments: Mapping[str, int]
    """Rank, from 1, of the parts that begin with a segment: ``{"CLM": 4}``."""
    levels: Mapping[str, int] = field(default_factory=dict)
    """Rank, from 1, of the parts that begin with an HL, by HL03."""

    @property
    def innermost(self) -> int:
        """The highest rank."""
        return max((*self.segments.values(), *self.levels.values()))

    def rank_of(self, segment: Segment) -> int | None:
        """The rank of the part that a segment begins; None when it begins none.

        An HL of an unknown level has the rank of the innermost, so that what follows is not taken for another's: the
        levels that say by HL02 that they are not below it have a place of their own again.
        """
        if segment[0] == "HL" and self.levels:
            return self.levels.get(element_of(segment, _LEVEL), max(self.levels.values()))
        if segment[0] == "SE":
            return HEADER_RANK
        return self.segments.get(segment[0])


HEADER_RANK = 0
"""Of the part that begins with ST, in which all others lie, and of the SE."""


@dataclass(slots=True)
class Part:
    """The segments from one cut to the next."""

    rank: int
    segments: list[Segment] = field(repr=False)
    position: int
    """Of the first segment in the transaction set, its ST being 1."""
    is_sound: bool
    """Whether nothing is wrong with it, nor with the parts that it lies in."""
    findings: tuple[Found, ...]
    """What is wrong with it itself."""
    transaction: str
    """ST02."""
    delimiters: Delimiters

    @property
    def identifier(self) -> str:
        """Of the segment that it begins with."""
        return self.segments[0][0]


@dataclass(frozen=True, slots=True)
class SetOpened:
    """A transaction set begins; its parts follow if there is an outline for its kind."""

    identifier: str
    """ST01."""
    guide: str
    """GS08."""
    transaction: str
    """ST02."""
    is_taken: bool
    """Whether there are an outline and a guide for it."""


@dataclass(frozen=True, slots=True)
class EnvelopeFaults:
    """What is wrong with an interchange or functional group itself."""

    findings: tuple[Found, ...]


Filed = SetOpened | Part | EnvelopeFaults


class Filing:
    """Reads one file: ``feed`` it, ``close`` it, and take what each call gives before the next."""

    def __init__(self, outlines: Mapping[tuple[str, str], Outline]) -> None:
        """Start a file.

        Args:
            outlines: of the sets to be read, by ST01 and GS08; of others only the beginning is told.
        """
        self._outlines = outlines
        self._framer = Framer()
        self._is_in_set = False
        self._set: _OpenSet | None = None
        """None between sets, and where the set is not read."""

    def feed(self, data: bytes) -> Iterator[Filed]:
        """Read the next bytes of the file."""
        for event in self._framer.feed(data):
            yield from self._take(event)
        unfinished = self._framer.unfinished
        if unfinished is not None:
            yield from self._read_on(unfinished, is_whole=False)

    def close(self) -> Iterator[Filed]:
        """Read the end of the file."""
        for event in self._framer.close():
            yield from self._take(event)

    def _take(self, event: Event) -> Iterator[Filed]:
        if isinstance(event, SetRead):
            yield from self._read_on(event, is_whole=True)
        elif isinstance(event, InterchangeOpened):
            yield from _faults(_on_header(event.interchange), event.interchange.control_number)
        elif isinstance(event, InterchangeClosed):
            yield from _faults(_after_header(event.interchange), event.interchange.control_number)
        elif isinstance(event, GroupOpened):
            event.group.findings.extend(check_group(event.group, event.interchange))
            numbers = event.interchange.control_number, event.group.control_number
            yield from _faults(_on_header(event.group), *numbers)
        elif isinstance(event, GroupClosed):
            numbers = event.interchange.control_number, event.group.control_number
            yield from _faults(_after_header(event.group), *numbers)

    def _read_on(self, read: SetRead, *, is_whole: bool) -> Iterator[Filed]:
        """Judge and cut what has come of a set since the last time."""
        if not self._is_in_set:
            if not is_whole and read.transaction.length < _SEGMENTS_TO_KNOW_A_GUIDE:
                return
            yield self._open(read)
        if self._set is not None:
            yield from self._set.read_on(is_whole=is_whole)
        if is_whole:
            self._is_in_set, self._set = False, None
        else:
            read.transaction.drop()

    def _open(self, read: SetRead) -> SetOpened:
        identifier, version = read.transaction.identifier, read.group.version
        outline, guide = self._outlines.get((identifier, version)), find_guide(*read)
        is_taken = outline is not None and guide is not None
        self._is_in_set, self._set = True, _OpenSet(read, outline, guide) if outline and guide else None
        return SetOpened(identifier, version, read.transaction.control_number, is_taken)


_SEGMENTS_TO_KNOW_A_GUIDE = 2
"""ST and BHT."""


def _on_header(envelope: Interchange | FunctionalGroup) -> list[Finding]:
    """What is wrong with the ISA or GS, which is known before anything inside is read."""
    return [finding for finding in envelope.findings if finding.segment == _position_of(envelope)]


def _after_header(envelope: Interchange | FunctionalGroup) -> list[Finding]:
    """What is wrong with an envelope besides, which may be found after all inside has been read."""
    return [finding for finding in envelope.findings if finding.segment != _position_of(envelope)]


def _position_of(envelope: Interchange | FunctionalGroup) -> int:
    return envelope.position if isinstance(envelope, FunctionalGroup) else 1


def _faults(findings: list[Finding], *numbers: str) -> Iterator[EnvelopeFaults]:
    if findings:
        yield EnvelopeFaults(tuple([Found(finding, *numbers) for finding in findings]))


class _OpenSet:
    """A transaction set while it is read."""

    def __init__(self, read: SetRead, outline: Outline, guide: ReadyGuide) -> None:
        self._transaction = read.transaction
        self._check = TransactionCheck(guide, read.transaction, read.interchange.delimiters, sys.maxsize)
        is_enveloped = not _on_header(read.interchange) and not _on_header(read.group)
        self._cutter = _Cutter(outline, read, is_sound=is_enveloped)
        self._framing_told = 0

    def read_on(self, *, is_whole: bool) -> Iterator[Part]:
        """The parts that are complete now."""
        framing = self._transaction.findings[self._framing_told :]
        self._framing_told = len(self._transaction.findings)
        yield from self._cutter.cut(self._transaction, framing + self._check.judge(), is_whole=is_whole)


class _Cutter:
    """Cuts one transaction set into parts and lays each finding to the part that it is on."""

    def __init__(self, outline: Outline, read: SetRead, *, is_sound: bool) -> None:
        self._cuts = {*outline.segments, "SE", *(("HL",) if outline.levels else ())}
        self._outline = outline
        self._numbers = read.interchange.control_number, read.group.control_number, read.transaction.control_number
        self._delimiters = read.interchange.delimiters
        self._around: list[tuple[int, bool]] = []
        """Rank and soundness of the parts that the open one lies in, outermost first."""
        self._is_enveloped = is_sound
        self._rank = HEADER_RANK
        self._begin = 1
        self._segments: list[Segment] = []
        """Of the open part."""
        self._findings: list[Finding] = []

    def cut(self, transaction: TransactionSet, findings: list[Finding], *, is_whole: bool) -> Iterator[Part]:
        """The parts that segments read since the last time complete."""
        pending = deque(sorted(findings, key=lambda each: (_position(each, transaction), not _is_missing(each))))
        is_first = not self._segments
        fresh = transaction.segments if is_first else transaction.segments[1:]
        position = 1 if is_first else transaction.dropped + 2
        begin = 0
        for index in [index for index, segment in enumerate(fresh) if segment[0] in self._cuts]:
            rank = self._outline.rank_of(fresh[index])
            if rank is not None:
                self._segments += fresh[begin:index]
                if pending:
                    self._take_findings(pending, position + index, transaction)
                yield self._end()
                self._rank, self._begin, begin = rank, position + index, index
        self._segments += fresh[begin:]
        self._findings += pending
        if is_whole:
            yield self._end()

    def _take_findings(self, pending: deque[Finding], end: int, transaction: TransactionSet) -> None:
        """Take out those before a cut, and what is told at its first segment and is missing before it."""
        while pending:
            place = _position(pending[0], transaction)
            if place > end or (place == end and not _is_missing(pending[0])):
                break
            self._findings.append(pending.popleft())

    def _end(self) -> Part:
        """The open part, which has all its segments and findings now."""
        while self._around and self._around[-1][0] >= self._rank:
            self._around.pop()
        around_is_sound = self._around[-1][1] if self._around else self._is_enveloped
        found = tuple([Found(finding, *self._numbers) for finding in self._findings])
        is_sound = around_is_sound and not found
        self._around.append((self._rank, is_sound))
        part = Part(self._rank, self._segments, self._begin, is_sound, found, self._numbers[-1], self._delimiters)
        self._segments, self._findings = [], []
        return part


def _is_missing(finding: Finding) -> bool:
    """Whether it tells of something before the segment that it is on."""
    return finding.code is SegmentError.REQUIRED_MISSING


def _position(finding: Finding, transaction: TransactionSet) -> int:
    """Of the segment that it is on; one that is on none, or on one that is not there, is on the last."""
    return min(finding.segment or transaction.length, transaction.length)
