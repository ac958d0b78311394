"""Reading the files that ``check`` is given, in flat memory, and finding the lines that findings stand on."""

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from gateway.cli.check_reference import REFERENCE_BYTES_MAX, Comparison, compare
from parsers.streaming import Found, StreamCheck

STANDARD_INPUT = "-"
CHUNK_BYTES = 64 * 1024
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
    comparison: Comparison | None = None
    """With pyx12, when it was asked for and the file is not too large."""

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
    file: str,
    acknowledged_at: datetime | None = None,
    advanced: Callable[[int], None] = lambda _: None,
    *,
    reference: bool = False,
) -> FileVerdict:
    """Judge one file.

    Args:
        file: its path, or ``-`` for the standard input.
        acknowledged_at: write acknowledgments as of this moment; None leaves them out.
        advanced: called with the number of bytes of each piece that was judged.
        reference: ask pyx12 as well.
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
    lines = line_numbers(source.again(), offsets) if offsets else {}
    return FileVerdict(file, check, unreadable, lines, _compared(source) if reference and check.is_x12 else None)


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


def _compared(source: "_File | _StandardInput") -> Comparison | None:
    if not source.is_held or source.bytes_read > REFERENCE_BYTES_MAX:
        return None
    return compare(b"".join(source.again()))


class _File:
    """A file that can be read twice."""

    is_held = True

    def __init__(self, path: Path) -> None:
        self._path = path
        self.bytes_read = 0

    def chunks(self) -> Iterator[bytes]:
        for chunk in self.again():
            self.bytes_read += len(chunk)
            yield chunk

    def again(self) -> Iterator[bytes]:
        with self._path.open("rb") as opened:
            while chunk := opened.read(CHUNK_BYTES):
                yield chunk


class _StandardInput:
    """The standard input, of which the beginning is held."""

    def __init__(self) -> None:
        self._held: list[bytes] = []
        self.bytes_read = 0

    @property
    def is_held(self) -> bool:
        """Whether ``again`` gives all that was read."""
        return self.bytes_read <= STANDARD_INPUT_HELD_BYTES_MAX

    def chunks(self) -> Iterator[bytes]:
        while chunk := sys.stdin.buffer.read(CHUNK_BYTES):
            self.bytes_read += len(chunk)
            if self.is_held:
                self._held.append(chunk)
            yield chunk

    def again(self) -> Iterator[bytes]:
        return iter(self._held)
