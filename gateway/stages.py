"""How long each step of one answer took."""

from time import perf_counter

from gateway.metrics import Metrics, Stage


class Stages:
    """A stopwatch: ``mark`` ends the stage that ran since the last mark."""

    __slots__ = ("_last", "seconds")

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = perf_counter()

    def mark(self, stage: Stage) -> None:
        """The time since the last mark went into ``stage``; a stage that is passed again adds up."""
        now = perf_counter()
        self.seconds[stage] = self.seconds.get(stage, 0.0) + now - self._last
        self._last = now

    def observe(self, metrics: Metrics) -> None:
        """Hand all stages to the metrics."""
        for stage, seconds in self.seconds.items():
            metrics.stage(stage).observe(seconds)
