"""Deadlines shared by many answers."""

import asyncio

import pytest

from gateway.doors.deadlines import Deadlines
from tests.store_support import until


async def late(deadlines: Deadlines, seconds: float) -> str:
    with deadlines.start():
        await asyncio.sleep(seconds)
        return "answered"


async def test_an_answer_in_time_is_left_alone() -> None:
    assert await late(Deadlines(60, 0.02), 0.05) == "answered"


async def test_an_answer_that_is_late_is_cancelled_and_told() -> None:
    with pytest.raises(TimeoutError):
        await late(Deadlines(0.05, 0.02), 600)


async def test_only_the_late_ones_are_cancelled() -> None:
    deadlines = Deadlines(2, 0.02)
    outcomes = await asyncio.gather(
        *(late(deadlines, seconds) for seconds in (0, 600, 0.1, 600)), return_exceptions=True
    )
    assert [type(outcome) for outcome in outcomes] == [str, TimeoutError, str, TimeoutError]


async def test_a_cancellation_from_elsewhere_stays_one() -> None:
    task = asyncio.create_task(late(Deadlines(600, 0.02), 600))
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_task_that_was_late_once_can_go_on() -> None:
    deadlines = Deadlines(0.05, 0.02)
    with pytest.raises(TimeoutError):
        await late(deadlines, 600)
    assert await late(deadlines, 0) == "answered"


async def test_it_rests_when_nothing_is_awaited_and_wakes_again() -> None:
    deadlines = Deadlines(0.05, 0.02)
    for _ in range(3):
        assert await late(deadlines, 0) == "answered"
        await until(lambda: deadlines._timer is None)
