"""Reading and judging an X12 file in a process of its own, so that whoever loads it has a processor to himself."""

import marshal
import os
import pickle
import signal
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context, parent_process

from edi.errors import Outage
from parsers.filing import HEADER_RANK, Filed, Filing, Outline, Part

CHUNKS_AHEAD_MAX = 8
"""Pieces of the file that are given to the process before the first of them is asked for."""
_STRINGS_BY_VALUE = 2
"""A version of ``marshal`` that does not look whether a string has come before; they seldom have."""


def file_elsewhere(outlines: Mapping[tuple[str, str], Outline], chunks: Iterable[bytes]) -> Iterator[Filed]:
    """What `Filing` gives of a file, from another process; that ends with this one, however this one ends.

    Raises:
        Outage: the process has ended before the file has.
    """
    pool = ProcessPoolExecutor(1, get_context("spawn"), initializer=_begin, initargs=(dict(outlines),))
    asked: deque[Future[bytes]] = deque()
    unpack = _Unpacking()
    try:
        for chunk in chunks:
            asked.append(pool.submit(_feed, chunk))
            if len(asked) >= CHUNKS_AHEAD_MAX:
                yield from unpack(asked.popleft().result())
        asked.append(pool.submit(_close))
        while asked:
            yield from unpack(asked.popleft().result())
    except BrokenProcessPool:
        raise Outage("the process that reads the file has ended") from None
    finally:
        pool.shutdown(cancel_futures=True)


class _Unpacking:
    """Makes what was packed whole again. Most of it are sound parts; what they have in common comes with the first."""

    def __init__(self) -> None:
        self._header: Part | None = None

    def __call__(self, packed: bytes) -> Iterator[Filed]:
        for each in marshal.loads(packed):  # noqa: S302 - made by our own process
            if isinstance(each, bytes):
                filed: Filed = pickle.loads(each)  # noqa: S301 - made by our own process
                if isinstance(filed, Part) and filed.rank == HEADER_RANK:
                    self._header = filed
                yield filed
            elif self._header is not None:
                rank, segments, position = each
                yield Part(rank, segments, position, True, (), self._header.transaction, self._header.delimiters)


def _pack(filed: Iterable[Filed]) -> bytes:
    return marshal.dumps([_packed(each) for each in filed], _STRINGS_BY_VALUE)


def _packed(each: Filed) -> bytes | tuple[int, list[list[str]], int]:
    if isinstance(each, Part) and each.is_sound and each.rank != HEADER_RANK:
        return each.rank, each.segments, each.position
    return pickle.dumps(each)


_filing: Filing


def _begin(outlines: Mapping[tuple[str, str], Outline]) -> None:
    """Make the process ready; what interrupts the loader is the loader's business."""
    global _filing  # noqa: PLW0603 - the process has this one file
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _filing = Filing(outlines)


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _feed(chunk: bytes) -> bytes:
    return _pack(_filing.feed(chunk))


def _close() -> bytes:
    return _pack(_filing.close())
