"""Measures work that must stay linear in its input."""

import gc
import time
from collections.abc import Callable

SLACK = 2.5
"""Over four times the input, quadratic work takes four times as long again."""


def cpu_seconds(work: Callable[[], object], rounds: int = 3) -> float:
    """The best of some rounds in seconds of the processor, the garbage collector left out."""
    gc.collect()
    gc.disable()
    try:
        return min(_once(work) for _ in range(rounds))
    finally:
        gc.enable()


def _once(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def assert_linear(series: list[float]) -> None:
    """``series`` has the seconds for an input, for twice and for four times as much."""
    assert series[2] < 4 * series[0] * SLACK + 0.02, series
