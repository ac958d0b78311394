"""Reading the files that ``check`` is given, in flat memory, and finding the lines that findings stand on."""

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from parsers.streaming import Found, StreamCheck

STANDARD_INPUT = "-"
CHUNK_BYTES = 256 * 1024
STANDARD_INPUT_HELD_BYTES_MAX = 16 * 1024 * 1024
"""How much of the standard input is held so that lines can be told; of a longer one they are not."""


@dataclass(frozen=True, slots=True)
class FileVerdict:
    """What ``check`` says about one file."""

    file: str
    check: StreamCheck
    unreadable: str = ""
    """Why it cannot be judged at all; empty when it has been."""
    lines: dict[int, int] = field(default_factory=dict)
    """Line, from 1, of the offsets at which findings stand."""

    @property
    def accepted(self) -> bool:
        return self.check.accepted and not self.unreadable

    @property
    def exit_status(self) -> int:
        """0 accepted, 1 rejected, 2 unreadable."""
        return 2 if self.unreadable else int(not self.accepted)

    def line(self, found: Found) -> int | None:
        """The line of a finding, None when it is not known."""
        return None if found.finding.offset is None else self.lines.get(found.finding.offset)


def judge_file(
    file: str, acknowledged_at: datetime | None, advanced: Callable[[int], None] = lambda _: None
) -> FileVerdict:
    """Judge one file.

    Args:
        file: its path, or ``-`` for the standard input.
        acknowledged_at: write acknowledgments as of this moment; None leaves them out.
        advanced: called with the number of bytes of each piece that was judged.
    """
    check = StreamCheck(acknowledged_at)
    source = _StandardInput() if file == STANDARD_INPUT else _File(Path(file))
    try:
        for chunk in source.chunks():
            check.feed(chunk)
            advanced(len(chunk))
    except OSError as error:
        return FileVerdict(file, check, unreadable=error.strerror or type(error).__name__)
    check.close()
    unreadable = "" if check.is_x12 else "this is not X12: it does not begin with ISA"
    offsets = {found.finding.offset for found in check.findings if found.finding.offset is not None}
    return FileVerdict(file, check, unreadable, line_numbers(source.again(), offsets) if offsets else {})


def line_numbers(chunks: Iterable[bytes], offsets: Iterable[int]) -> dict[int, int]:
    """The line, from 1, of each offset; those past the end of the chunks are left out."""
    wanted = sorted(offsets, reverse=True)
    lines: dict[int, int] = {}
    line, start = 1, 0
    for chunk in chunks:
        while wanted and wanted[-1] <= start + len(chunk):
            offset = wanted.pop()
            lines[offset] = line + chunk.count(b"\n", 0, offset - start)
        if not wanted:
            break
        line += chunk.count(b"\n")
        start += len(chunk)
    return lines


def total_bytes(files: Iterable[str]) -> int | None:
    """Size of all files together, None when it is not known before reading."""
    try:
        return sum(os.stat(file).st_size for file in files)
    except OSError:
        return None


class _File:
    """A file that can be read twice."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def chunks(self) -> Iterator[bytes]:
        with self._path.open("rb") as opened:
            while chunk := opened.read(CHUNK_BYTES):
                yield chunk

    def again(self) -> Iterator[bytes]:
        return self.chunks()


class _StandardInput:
    """The standard input, of which the beginning is held."""

    def __init__(self) -> None:
        self._held: list[bytes] = []

    def chunks(self) -> Iterator[bytes]:
        room = STANDARD_INPUT_HELD_BYTES_MAX
        while chunk := sys.stdin.buffer.read(CHUNK_BYTES):
            if room >= len(chunk):
                self._held.append(chunk)
            room -= len(chunk)
            yield chunk

    def again(self) -> Iterator[bytes]:
        return iter(self._held)
