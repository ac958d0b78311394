"""What the gateway counts, for Prometheus, right with several worker processes.

An observation on the hot path only changes Python integers (about a third of a microsecond); ``flush`` carries them
into prometheus-client once a second and before every exposition. Writing each into prometheus-client's shared files
at once would cost 2 to 4 µs apiece, and a request makes a dozen.

With ``PROMETHEUS_MULTIPROC_DIR`` set before prometheus-client is imported, all workers share that directory and any of
them answers for all; without it the figures are this process's own.
"""

import os
from bisect import bisect_left
from collections.abc import Sequence
from enum import StrEnum
from typing import Protocol

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from gateway.store.keys import Kind
from gateway.store.observing import Dependency, Tier

SECONDS_EDGES = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 10.0, 20.0)
"""Bucket edges in seconds: 25 ms is our objective at half load, 20 s the limit of CORE (rule on response times)."""


class Transaction(StrEnum):
    """What was asked."""

    ELIGIBILITY = "270"
    CLAIM_STATUS = "276"
    SERVICES_REVIEW = "278"
    UNREADABLE = "unreadable"


class Mode(StrEnum):
    """How it was asked."""

    REAL_TIME = "real_time"
    BATCH = "batch"


class Stage(StrEnum):
    """One step of the pipeline."""

    AUTHENTICATE = "authenticate"
    FRAME = "frame"
    CHECK = "check"
    PARSE = "parse"
    PERMIT = "permit"
    LOOK_UP = "look_up"
    DECIDE = "decide"
    WRITE = "write"
    AUDIT = "audit"


class Closed(StrEnum):
    """Why we closed a connection that its client had not."""

    SILENT = "silent"
    IDLE = "idle"
    SLOW_HEAD = "slow_head"
    SLOW_BODY = "slow_body"
    SLOW_READER = "slow_reader"
    LARGE_HEAD = "large_head"
    LARGE_REQUEST = "large_request"
    MALFORMED = "malformed"
    PIPELINE_FULL = "pipeline_full"
    TOO_MANY = "too_many"


class Tally:
    """Counts events between two flushes."""

    __slots__ = ("_total", "count")

    def __init__(self, total: Counter) -> None:
        self._total = total
        self.count = 0
        """Not yet flushed."""

    def inc(self, amount: int = 1) -> None:
        """Count ``amount`` more events."""
        self.count += amount

    def flush(self) -> None:
        """Carry what was counted into prometheus-client."""
        if self.count:
            self._total.inc(self.count)
            self.count = 0


class BucketHistogram(Histogram):
    """A prometheus-client histogram that takes whole buckets."""

    def add(self, counts: Sequence[int], seconds: float) -> None:
        """Add so many observations to each bucket, which together took ``seconds``."""
        for bucket, count in zip(self._buckets, counts, strict=True):
            if count:
                bucket.inc(count)
        self._sum.inc(seconds)


class Timing:
    """Observes durations between two flushes."""

    __slots__ = ("_counts", "_histogram", "_seconds")

    def __init__(self, histogram: BucketHistogram) -> None:
        self._histogram = histogram
        self._counts = [0] * (len(SECONDS_EDGES) + 1)
        self._seconds = 0.0

    def observe(self, seconds: float) -> None:
        """Count one event that took ``seconds``."""
        self._counts[bisect_left(SECONDS_EDGES, seconds)] += 1
        self._seconds += seconds

    def flush(self) -> None:
        """Carry what was observed into prometheus-client."""
        if self._seconds or any(self._counts):
            self._histogram.add(self._counts, self._seconds)
            self._counts = [0] * len(self._counts)
            self._seconds = 0.0


class Flushable(Protocol):
    """Holds figures until a flush."""

    def flush(self) -> None:
        """Carry them into prometheus-client."""


class TallyFamily:
    """Tallies of one counter, one for each combination of its labels; the labels are members of enums."""

    def __init__(self, flushables: list[Flushable], total: Counter) -> None:
        self._flushables = flushables
        self._total = total
        self._tallies: dict[tuple[StrEnum, ...], Tally] = {}

    def __call__(self, *labels: StrEnum) -> Tally:
        """The tally of these labels, in the counter's order; hold on to it where every microsecond counts."""
        tally = self._tallies.get(labels)
        if tally is None:
            tally = self._tallies[labels] = Tally(self._total.labels(*(label.value for label in labels)))
            self._flushables.append(tally)
        return tally


class Metrics:
    """All figures of one process; made once, by the composition root, and used on its event loop only.

    It is the fact store's observer too.
    """

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        self._registry = registry if registry is not None else CollectorRegistry()
        self._flushables: list[Flushable] = []
        self.requests = self._tallies("requests", "Inquiries answered", "transaction", "mode", "outcome")
        self.fact_lookups = self._tallies("fact_lookups", "Facts looked up, by where they were", "kind", "tier")
        self._lookups = {(kind, tier): self.fact_lookups(kind, tier) for kind in Kind for tier in Tier}
        self.outages = self._tallies("outages", "Calls that a dependency did not answer", "dependency")
        self.refusals = self._tallies("refusals", "HTTP requests refused before X12 was read", "refusal")
        self.closed = self._tallies("connections_closed", "Connections that we closed and the client had not", "reason")
        self.request_seconds = self._timing(self._histogram("request", "From the request's head to its answer"))
        stages = self._histogram("stage", "One stage of the pipeline", "stage")
        self._stages = {stage.value: self._timing(stages.labels(stage.value)) for stage in Stage}
        self._in_work = Gauge(
            "edi_gateway_requests_in_work",
            "Requests being answered",
            multiprocess_mode="livesum",
            registry=self._registry,
        )
        self.in_work = 0
        self._followers = Gauge(
            "edi_gateway_followers",
            "Requests that wait for changes, or are being told of them",
            ["feed"],
            multiprocess_mode="livesum",
            registry=self._registry,
        )
        self.followers: dict[StrEnum, int] = {}
        """By feed."""
        self._open = Gauge(
            "edi_gateway_open",
            "Whether a function is within its service hours",
            ["function"],
            multiprocess_mode="mostrecent",
            registry=self._registry,
        )

        self._reviews = Gauge(
            "edi_gateway_reviews",
            "Pended reviews: all, those due within a day, and those that are overdue",
            ["state"],
            multiprocess_mode="mostrecent",
            registry=self._registry,
        )

        self._held = Gauge(
            "edi_gateway_held_requests",
            "Requests of batches that wait until their function opens",
            multiprocess_mode="mostrecent",
            registry=self._registry,
        )

    def stage(self, name: str) -> Timing:
        """The timing of a stage; KeyError for one that ``Stage`` does not name."""
        return self._stages[name]

    def found(self, kind: Kind, tier: Tier, facts: int) -> None:
        """So many facts of a kind were found in a tier."""
        self._lookups[kind, tier].count += facts

    def failed(self, dependency: Dependency) -> None:
        """A dependency did not answer a call, or not in time."""
        self.outages(dependency).inc()

    def show_open(self, function: StrEnum, *, is_open: bool) -> None:
        """A function is within its service hours, or it is not."""
        self._open.labels(function.value).set(is_open)

    def show_reviews(self, *, waiting: int, due_soon: int, overdue: int) -> None:
        """So many reviews wait, so many of them are due within a day, and so many are overdue."""
        self._reviews.labels("waiting").set(waiting)
        self._reviews.labels("due_soon").set(due_soon)
        self._reviews.labels("overdue").set(overdue)

    def show_held(self, waiting: int) -> None:
        """So many requests of batches wait until their function opens."""
        self._held.set(waiting)

    def flush(self) -> None:
        """Carry all figures into prometheus-client."""
        for each in self._flushables:
            each.flush()
        self._in_work.set(self.in_work)
        for feed, followers in self.followers.items():
            self._followers.labels(feed.value).set(followers)

    def exposition(self) -> bytes:
        """All workers' figures in Prometheus's text format."""
        directory = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
        if directory is None:
            return generate_latest(self._registry)
        together = CollectorRegistry()
        MultiProcessCollector(together, directory)  # type: ignore[no-untyped-call]
        return generate_latest(together)

    def _tallies(self, name: str, meaning: str, *labels: str) -> TallyFamily:
        return TallyFamily(self._flushables, Counter(f"edi_gateway_{name}", meaning, labels, registry=self._registry))

    def _histogram(self, name: str, meaning: str, *labels: str) -> BucketHistogram:
        return BucketHistogram(
            f"edi_gateway_{name}_seconds", meaning, labels, buckets=SECONDS_EDGES, registry=self._registry
        )

    def _timing(self, histogram: BucketHistogram) -> Timing:
        timing = Timing(histogram)
        self._flushables.append(timing)
        return timing
