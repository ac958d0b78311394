"""One deadline for many answers, looked at now and then: a timer for each would cost as much as a look-up."""

import asyncio
from collections import deque
from types import TracebackType


class Deadline:
    """The time that one answer has; an asynchronous answer is cancelled when it is over.

    Used with ``with`` around the awaiting of the answer.

    Raises:
        TimeoutError: the time was over.
    """

    __slots__ = ("_task", "at", "is_over")

    def __init__(self, task: "asyncio.Task[object]", at: float) -> None:
        self._task: asyncio.Task[object] | None = task
        self.at = at
        """The loop's time."""
        self.is_over = False

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        task, self._task = self._task, None
        if self.is_over and task is not None and task.uncancel() == 0 and kind is asyncio.CancelledError:
            raise TimeoutError from None

    @property
    def is_met(self) -> bool:
        """Whether the answer has come."""
        return self._task is None

    def end(self) -> None:
        """Cancel the answer."""
        if self._task is not None:
            self.is_over = True
            self._task.cancel()


class Deadlines:
    """Deadlines of the same length, so that the oldest is always the next."""

    def __init__(self, seconds: float, sweep_s: float) -> None:
        self._seconds = seconds
        self._sweep_s = min(sweep_s, seconds)
        self._running: deque[Deadline] = deque()
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> Deadline:
        """The deadline of the answer that this task is about to await."""
        loop = asyncio.get_running_loop()
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - asked from within a coroutine
        deadline = Deadline(task, loop.time() + self._seconds)
        self._running.append(deadline)
        if self._timer is None:
            self._timer = loop.call_later(self._sweep_s, self._sweep, loop)
        return deadline

    def _sweep(self, loop: asyncio.AbstractEventLoop) -> None:
        now = loop.time()
        while self._running and (self._running[0].is_met or self._running[0].at <= now):
            self._running.popleft().end()
        self._timer = loop.call_later(self._sweep_s, self._sweep, loop) if self._running else None
