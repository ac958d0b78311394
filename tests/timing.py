"""Bounds on the processor's time, measured again where something else on the machine may have disturbed it."""

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TypeVar

T = TypeVar("T")

ATTEMPTS_MAX = 8
"""Another program can make work slower, never faster: what is within its bound once is within it."""

SLACK = 2.5
"""Over four times the input, quadratic work takes four times as long again."""


def cpu_seconds(work: Callable[[], object]) -> float:
    """What this process takes of the processor."""
    start = time.process_time()
    work()
    return time.process_time() - start


def assert_takes_at_most(seconds: float, work: Callable[[], object]) -> None:
    """Of the processor."""
    taken: list[float] = []
    while min(taken, default=seconds) >= seconds:
        assert len(taken) < ATTEMPTS_MAX, taken
        taken.append(cpu_seconds(work))


def assert_linear(work: Callable[[T], object], small: T, large: T) -> None:
    """``large`` is four times as much as ``small``, whose best time of some rounds counts."""
    with _without_garbage_collection():
        bound = 4 * min(cpu_seconds(partial(work, small)) for _ in range(3)) * SLACK + 0.02
        assert_takes_at_most(bound, partial(work, large))


@contextmanager
def _without_garbage_collection() -> Iterator[None]:
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
