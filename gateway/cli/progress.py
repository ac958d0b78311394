"""Progress for people: a bar on a terminal, lines now and then elsewhere."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import BinaryIO

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)

Advance = Callable[[int], None]
"""Is told how much more is done."""


@contextmanager
def bytes_progress(what: str, file: BinaryIO) -> Iterator[Advance]:
    """Progress through a file in bytes; nothing is shown where nobody watches."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    with _bar(what, os.fstat(file.fileno()).st_size or None, DownloadColumn()) as advance:
        yield advance


@contextmanager
def count_progress(what: str, total: int) -> Iterator[Advance]:
    """Progress of something that is counted: a bar on a terminal, else a line at each tenth."""
    if sys.stderr.isatty():
        with _bar(what, total, MofNCompleteColumn()) as advance:
            yield advance
    else:
        yield _lines(what, total)


@contextmanager
def _bar(what: str, total: int | None, amount: ProgressColumn) -> Iterator[Advance]:
    columns = (TextColumn(what), BarColumn(), amount, TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task(what, total=total)
        yield lambda count: progress.advance(task, count)


def _lines(what: str, total: int) -> Advance:
    done = 0

    def advance(count: int) -> None:
        nonlocal done
        tenths_before, done = done * 10 // total, done + count
        if done * 10 // total > tenths_before:
            print(f"{what}: {done:,} of {total:,}", file=sys.stderr, flush=True)

    return advance
