"""Following claims, beside programs that change them: ``python -m benchmarks.changes [--json]``.

(a) So many clients wait over HTTP on one worker, each with a submitter, a key and a provider group of its own, while
another process commits: one claim that concerns all of them, or one claim for each. A client's time counts from just
before the commit was asked for to the whole page in its hands; it asks again at once, as all the others do.

(b) So many changes are written over several connections, transactions overlapping, while readers follow them page by
page over HTTP and the worker is killed (SIGKILL) and replaced by its parent. Each change has to come exactly once to
each reader whom one of its provider groups has entitled, and those of a claim in their order.

(c) What a claim costs the worker that has not changed since it was last asked for (304), beside the full answer.
"""

import argparse
import asyncio
import os
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import msgspec
import uvloop

from benchmarks.change_writer import Burst, Change, Stream
from benchmarks.claim_costs import costs
from benchmarks.followers import Page, Reader, Waiter
from benchmarks.following_store import COMMON_TIN, prepare_claims, prepare_followers, tin_of
from benchmarks.programs import Gateway, Writer, gateway, until, writer
from benchmarks.realtime import machine
from gateway.embedded import EmbeddedServers
from gateway.warming import calm_collector
from rules.facts.claims import Claim

STREAM_TINS = 5
TURNS = 5
CONNECTIONS = 4
SETTLE_SECONDS = 0.5
BEGIN_SECONDS_MAX = 60.0
TOLD_SECONDS_MAX = 10.0
STREAM_SECONDS_MAX = 600.0


class Times(msgspec.Struct, frozen=True):
    """From commit to told, in milliseconds."""

    told: int
    """How many were told, of those that should have been."""
    expected: int
    p50_ms: float
    p99_ms: float
    max_ms: float


class Figures(msgspec.Struct, frozen=True):
    """What is told in the end."""

    waiters: int
    one_claim_for_all: Times
    one_claim_for_each: Times
    changes: int
    """Written, and to be told to the reader of all groups."""
    changes_per_second: float
    """From the first to the last told."""
    kills: int
    readers: int
    told: int
    """To all readers together."""
    lost: int
    doubled: int
    out_of_order: int
    pages: int
    retries: int
    full_answer_cpu_us: float
    unchanged_cpu_us: float
    unchanged_ratio: float
    machine: str

    @property
    def is_good(self) -> bool:
        """Whether nothing was lost, doubled or out of order, and everybody was told."""
        told = all(times.told == times.expected for times in (self.one_claim_for_all, self.one_claim_for_each))
        return told and not (self.lost or self.doubled or self.out_of_order)


class Waiters:
    """Clients that wait, and when each was told of what."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._told: list[tuple[float, str]] = []
        self._all = [Waiter(key, self._note) for key in keys]

    def _note(self, moment: float, page: Page) -> None:
        self._told += [(moment, change.claim.claim_number) for change in page.changes]

    async def begin(self, port: int) -> None:
        """Connect all and have them wait."""
        loop = asyncio.get_running_loop()
        for waiter in self._all:
            await loop.create_connection(lambda waiter=waiter: waiter, "127.0.0.1", port)  # type: ignore[misc]
        await until(lambda: all(waiter.is_waiting for waiter in self._all), BEGIN_SECONDS_MAX)
        # So that no look of our own collector at all that there is counts as the gateway's time.
        calm_collector()

    async def measure(self, writing: Writer, bursts: Sequence[Burst]) -> Times:
        """Have changes committed, one transaction after the other."""
        seconds: list[float] = []
        for burst in bursts:
            await asyncio.sleep(SETTLE_SECONDS)
            self._told.clear()
            done = await writing.carry_out(burst)
            await until(lambda: len(self._told) >= len(self._all), TOLD_SECONDS_MAX)
            numbers = {change.number for change in burst.changes}
            seconds += [moment - done.begun for moment, number in self._told if number in numbers]
        return _times(seconds, len(bursts) * len(self._all))

    def end(self) -> None:
        """Let all go."""
        for waiter in self._all:
            waiter.close()


def _times(seconds: Sequence[float], expected: int) -> Times:
    ordered = sorted(seconds) or [float("nan")]

    def quantile(share: float) -> float:
        return round(ordered[int(share * (len(ordered) - 1))] * 1000, 1)

    return Times(len(seconds), expected, quantile(0.5), quantile(0.99), quantile(1.0))


async def _wait_together(served: Gateway, writing: Writer, keys: Sequence[str], rounds: int) -> tuple[Times, Times]:
    """(a): one claim for all, then one for each."""
    waiters = Waiters(keys)
    await waiters.begin(served.port)
    try:
        common = [Burst((Change(f"ALL{each}", (COMMON_TIN, ""), 1),)) for each in range(rounds)]
        own = [
            Burst(tuple([Change(f"OWN{each}-{number}", (tin_of(number), ""), 1) for number in range(len(keys))]))
            for each in range(rounds)
        ]
        return await waiters.measure(writing, common), await waiters.measure(writing, own)
    finally:
        waiters.end()


@dataclass(frozen=True, slots=True)
class Streamed:
    """What came of (b)."""

    readers: Sequence[Reader]
    expected: Sequence[set[tuple[str, int]]]
    seconds: float

    @property
    def lost(self) -> int:
        """Changes that a reader should have been told and was not."""
        pairs = zip(self.readers, self.expected, strict=True)
        return sum(len(expected - reader.told.keys()) for reader, expected in pairs)

    @property
    def doubled(self) -> int:
        """How often a reader was told what it had been told before, or should not have been told."""
        pairs = zip(self.readers, self.expected, strict=True)
        return sum(
            sum(times - (change in expected) for change, times in reader.told.items()) for reader, expected in pairs
        )


async def _stream(
    served: Gateway, writing: Writer, order: Stream, keys: Sequence[tuple[str, Sequence[str]]], kills: int
) -> Streamed:
    """(b): ``keys`` with the provider groups that have entitled each."""
    readers = [Reader(served.port, key) for key, _ in keys]
    cursors = [await reader.begin() for reader in readers]
    is_over = asyncio.Event()
    begun = time.monotonic()
    reading = [
        asyncio.create_task(reader.read(cursor, is_over)) for reader, cursor in zip(readers, cursors, strict=True)
    ]
    killing = asyncio.create_task(_kill(served, readers[0], order.claims * order.turns, kills))
    await writing.carry_out(order)
    is_over.set()
    await asyncio.gather(*reading)
    seconds = time.monotonic() - begun
    await killing
    expected = [
        {(change.number, change.turn) for change in order.changes() if not set(tins).isdisjoint(change.tins)}
        for _, tins in keys
    ]
    return Streamed(readers, expected, seconds)


async def _kill(served: Gateway, reader: Reader, changes: int, kills: int) -> None:
    """Kill the worker so many times, evenly over what a reader is told."""
    for each in range(1, kills + 1):
        wanted = changes * each // (kills + 1)
        await until(lambda wanted=wanted: reader.told.total() >= wanted, STREAM_SECONDS_MAX)  # type: ignore[misc]
        worker = served.worker
        assert worker is not None
        os.kill(worker, signal.SIGKILL)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is measured."""

    claims: Sequence[Claim]
    """Asked after by number."""
    asking_key: str
    waiting_keys: Sequence[str]
    rounds: int
    stream: Stream
    reading_keys: Sequence[tuple[str, Sequence[str]]]
    """With the provider groups that have entitled each."""
    kills: int


async def _measure(served: Gateway, servers: EmbeddedServers, plan: Plan) -> Figures:
    cpu_us = await costs(served, plan.claims, plan.asking_key)
    async with writer(servers.database_url) as writing:
        together = await _wait_together(served, writing, plan.waiting_keys, plan.rounds)
        streamed = await _stream(served, writing, plan.stream, plan.reading_keys, plan.kills)
    told = sum(reader.told.total() for reader in streamed.readers)
    return Figures(
        waiters=len(plan.waiting_keys),
        one_claim_for_all=together[0],
        one_claim_for_each=together[1],
        changes=plan.stream.claims * plan.stream.turns,
        changes_per_second=round(plan.stream.claims * plan.stream.turns / streamed.seconds, 1),
        kills=plan.kills,
        readers=len(streamed.readers),
        told=told,
        lost=streamed.lost,
        doubled=streamed.doubled,
        out_of_order=sum(reader.out_of_order for reader in streamed.readers),
        pages=sum(reader.pages for reader in streamed.readers),
        retries=sum(reader.retries for reader in streamed.readers),
        full_answer_cpu_us=round(cpu_us[0], 1),
        unchanged_cpu_us=round(cpu_us[1], 1),
        unchanged_ratio=round(cpu_us[1] / cpu_us[0], 3),
        machine=machine(),
    )


def measure(changes: int, waiters: int, rounds: int, kills: int) -> Figures:
    """Start everything, measure, stop everything."""
    tins = tuple([f"720000{each:03d}" for each in range(STREAM_TINS)])
    groups = (tins, tins[:2], tins[2:3])
    with tempfile.TemporaryDirectory(prefix="edi-bench-") as folder, ExitStack() as stack:
        servers = stack.enter_context(EmbeddedServers(Path(folder) / "data"))
        url = servers.database_url
        claims, asked_tins = prepare_claims(url)
        asking_key, *reading_keys = prepare_followers(url, [asked_tins, *groups])
        plan = Plan(
            claims=claims,
            asking_key=asking_key,
            waiting_keys=prepare_followers(url, [(COMMON_TIN, tin_of(number)) for number in range(waiters)]),
            rounds=rounds,
            stream=Stream(max(1, changes // TURNS), TURNS, tins, CONNECTIONS),
            reading_keys=list(zip(reading_keys, groups, strict=True)),
            kills=kills,
        )
        served = stack.enter_context(gateway(servers))
        return uvloop.run(_measure(served, servers, plan))


def show(figures: Figures) -> None:
    """The figures for people."""
    print(figures.machine)
    print(f"{'(a) from commit to told':36}{'told':>12}{'p50 ms':>9}{'p99 ms':>9}{'max ms':>9}")
    rows = (
        (f"one claim for all {figures.waiters}", figures.one_claim_for_all),
        (f"one claim for each of {figures.waiters}", figures.one_claim_for_each),
    )
    for name, times in rows:
        told = f"{times.told}/{times.expected}"
        print(f"{name:36}{told:>12}{times.p50_ms:9.1f}{times.p99_ms:9.1f}{times.max_ms:9.1f}")
    print(
        f"(b) {figures.changes} changes, {figures.kills} kills, {figures.readers} readers told {figures.told}: "
        f"{figures.lost} lost, {figures.doubled} doubled, {figures.out_of_order} out of order; "
        f"{figures.changes_per_second:.0f} a second, {figures.pages} pages, {figures.retries} retries"
    )
    print(
        f"(c) processor time: full answer {figures.full_answer_cpu_us:.0f} µs, "
        f"unchanged {figures.unchanged_cpu_us:.0f} µs, ratio {figures.unchanged_ratio:.3f}"
    )


def main() -> None:
    """Measure and print; exit status 1 where something was lost, doubled, out of order or not told."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.changes", description=__doc__)
    parser.add_argument("--changes", type=int, default=100_000, help="written in (b) (100000)")
    parser.add_argument("--waiters", type=int, default=1_000, help="clients that wait in (a) (1000)")
    parser.add_argument("--rounds", type=int, default=5, help="commits of each kind in (a) (5)")
    parser.add_argument("--kills", type=int, default=1, help="how often the worker is killed in (b) (1)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    arguments = parser.parse_args()
    begun = time.monotonic()
    figures = measure(arguments.changes, arguments.waiters, arguments.rounds, arguments.kills)
    if arguments.json:
        print(msgspec.json.encode(figures).decode())
    else:
        show(figures)
        print(f"measured in {time.monotonic() - begun:.0f} s")
    sys.exit(not figures.is_good)


if __name__ == "__main__":
    main()
