"""The whole gateway over HTTP, beside a bare handler: ``python -m benchmarks.realtime``.

Starts PostgreSQL and Valkey, a synthetic book, the gateway with one worker and its durable audit, and (a) a bare ASGI
handler under the same uvicorn that reads the same body and returns the same number of bytes. The same client asks (a)
and (b) the gateway in turn, round by round, about the same members again and again: what is measured so is a question
that has been asked before on that day. The server under test has one core to itself and the client the others;
PostgreSQL and Valkey run where there is room. Then the gateway is asked at half the rate that it reached, and in the
end once about each of twice as many other members, whose facts it has to fetch and to decide on.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from socket import create_server, socket
from statistics import median

import msgspec

from benchmarks.claim_inquiries import claim_inquiries, prepare_claims
from benchmarks.inquiries import inquiries, made_up_book, prepare_store
from benchmarks.load import Order, Result
from gateway.embedded import EmbeddedServers
from gateway.server_process import READY
from gateway.settings import Settings, encode_settings

ROUNDS = 3
WARM_UP_SECONDS = 2.0
STOP_SECONDS_MAX = 15.0
FIRST_TIME_SECONDS_MAX = 60.0
HALF_LOAD_SECONDS_MIN = 30.0
"""As long as what comes now and then has its share: PostgreSQL's vacuum each minute, the kernel's writing each half."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What is told in the end; the times are those of the gateway at half its maximum rate, in milliseconds."""

    echo_rps: float
    gateway_rps: float
    ratio: float
    first_time_rps: float
    """About members who were not asked about before, whose facts are in PostgreSQL only."""
    first_time_ratio: float
    p50_ms: float
    p99_ms: float
    p999_ms: float
    half_rps: float
    full_p50_ms: float
    full_p99_ms: float
    full_p999_ms: float
    echo_p50_ms: float
    echo_p99_ms: float
    echo_p999_ms: float
    echo_cpu_us: float
    """The server's own processor time for one answer: on a machine with other work the steadier measure."""
    gateway_cpu_us: float
    cpu_ratio: float
    connections: int
    answer_bytes: int
    outcomes: dict[str, int]
    machine: str


@dataclass(frozen=True, slots=True)
class Run:
    """One run against one server."""

    result: Result
    cpu_us: float
    """Processor time of the server for one answer, in microseconds."""


@dataclass(frozen=True, slots=True)
class Server:
    """A server under test."""

    bench: "Bench"
    port: int
    pid: int

    def load(self, seconds: float, rate: float | None = None) -> Run:
        """Ask it for so many seconds."""
        return self._run(Order(self.port, self.bench.connections, seconds, self.bench.requests, rate))

    def ask_once(self, requests: list[str], seconds_max: float) -> Run:
        """Send each request once."""
        return self._run(Order(self.port, self.bench.connections, seconds_max, requests, once=True))

    def _run(self, order: Order) -> Run:
        before = self._cpu_seconds()
        result = self.bench.load(order)
        return Run(result, (self._cpu_seconds() - before) / result.answers * 1e6)

    def _cpu_seconds(self) -> float:
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Bench:
    """Two servers and a client, on fixed cores."""

    def __init__(self, connections: int, requests: Sequence[str]) -> None:
        self.connections = connections
        self.requests = list(requests)
        self.server_cores = {min(os.sched_getaffinity(0))}
        self.other_cores = other_cores()

    def load(self, order: Order) -> Result:
        """Have a client carry out an order."""
        with on_cores(self.other_cores):
            client = subprocess.run(
                (sys.executable, "-m", "benchmarks.load"),
                input=msgspec.json.encode(order),
                stdout=subprocess.PIPE,
                check=True,
                timeout=order.seconds + 30,
            )
        return msgspec.json.decode(client.stdout, type=Result)

    @contextmanager
    def server(self, module: str, *arguments: str, first_line: bytes = b"") -> Iterator["Server"]:
        """A server on its core for as long as the block lasts."""
        with create_server(("127.0.0.1", 0), backlog=1024) as listener, tempfile.TemporaryDirectory() as figures:
            process = self._start(module, arguments, listener, figures)
            try:
                assert process.stdin is not None
                assert process.stdout is not None
                process.stdin.write(first_line)
                process.stdin.flush()
                if process.stdout.readline() != READY:
                    raise SystemExit(f"{module} did not start")
                yield Server(self, listener.getsockname()[1], process.pid)
            finally:
                process.terminate()
                process.wait(STOP_SECONDS_MAX)

    def _start(
        self, module: str, arguments: Sequence[str], listener: socket, figures: str
    ) -> "subprocess.Popen[bytes]":
        descriptor = listener.fileno()
        with on_cores(self.server_cores):
            return subprocess.Popen(
                (sys.executable, "-m", module, str(descriptor), *arguments),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                pass_fds=(descriptor,),
                env=os.environ | {"PROMETHEUS_MULTIPROC_DIR": figures},
            )


def other_cores() -> set[int]:
    """All but the first, which is for the server under test; that one too where there is no other."""
    cores = os.sched_getaffinity(0)
    return cores - {min(cores)} or cores


@contextmanager
def on_cores(cores: set[int]) -> Iterator[None]:
    """Processes started in the block run on these cores."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def http_request(body: bytes, key: str) -> str:
    """A whole request as a load client sends it, in Latin-1."""
    head = (
        "POST /x12 HTTP/1.1\r\n"
        "Host: 127.0.0.1\r\n"
        "User-Agent: edi-gateway-benchmark\r\n"
        "Accept: application/edi-x12\r\n"
        f"Authorization: Bearer {key}\r\n"
        "Content-Type: application/edi-x12\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head + body.decode("latin-1")


def measure(seconds: float, connections: int, members: int, transaction: str) -> Figures:
    """Start everything, measure, stop everything."""
    made = made_up_book(members)
    with tempfile.TemporaryDirectory(prefix="edi-bench-") as folder, ExitStack() as stack:
        with on_cores(other_cores()):
            servers = stack.enter_context(EmbeddedServers(Path(folder) / "data"))
        settings = replace(Settings(), database_url=servers.database_url, redis_url=servers.redis_url)
        key = prepare_store(servers.database_url, made)
        if transaction == "276":
            prepare_claims(servers.database_url, made)
        asked = {"270": inquiries, "276": claim_inquiries}[transaction](made, members, settings)
        requests = [http_request(body, key) for body in asked]
        repeated = members // 3
        return _compare(Bench(connections, requests[:repeated]), requests[repeated:], settings, seconds)


def _compare(bench: Bench, others: list[str], settings: Settings, seconds: float) -> Figures:
    with bench.server("gateway.server_process", first_line=encode_settings(settings) + b"\n") as gateway:
        size = round(gateway.load(WARM_UP_SECONDS).result.answer_bytes)
        with bench.server("benchmarks.echo_server", str(size)) as echo:
            echo.load(WARM_UP_SECONDS / 2)
            rounds = [(echo.load(seconds), gateway.load(seconds)) for _ in range(ROUNDS)]
            half_rate = median(gateway_run.result.rate for _, gateway_run in rounds) / 2
            half = gateway.load(max(seconds, HALF_LOAD_SECONDS_MIN), half_rate).result
            first_time = gateway.ask_once(others, FIRST_TIME_SECONDS_MAX)
    echoes, gateways = zip(*rounds, strict=True)
    return _figures(_middle(echoes), _middle(gateways), first_time, half, half_rate, bench.connections)


def _middle(runs: Sequence[Run]) -> Run:
    """The run with the median rate."""
    return sorted(runs, key=lambda run: run.result.rate)[len(runs) // 2]


def _figures(echo: Run, gateway: Run, first_time: Run, half: Result, half_rate: float, connections: int) -> Figures:
    return Figures(
        echo_rps=round(echo.result.rate, 1),
        gateway_rps=round(gateway.result.rate, 1),
        ratio=round(gateway.result.rate / echo.result.rate, 3),
        first_time_rps=round(first_time.result.rate, 1),
        first_time_ratio=round(first_time.result.rate / echo.result.rate, 3),
        p50_ms=half.p50_ms,
        p99_ms=half.p99_ms,
        p999_ms=half.p999_ms,
        half_rps=round(half_rate, 1),
        full_p50_ms=gateway.result.p50_ms,
        full_p99_ms=gateway.result.p99_ms,
        full_p999_ms=gateway.result.p999_ms,
        echo_p50_ms=echo.result.p50_ms,
        echo_p99_ms=echo.result.p99_ms,
        echo_p999_ms=echo.result.p999_ms,
        echo_cpu_us=round(echo.cpu_us, 1),
        gateway_cpu_us=round(gateway.cpu_us, 1),
        cpu_ratio=round(echo.cpu_us / gateway.cpu_us, 3),
        connections=connections,
        answer_bytes=round(gateway.result.answer_bytes),
        outcomes=gateway.result.outcomes,
        machine=machine(),
    )


def machine() -> str:
    """Processor, cores and Python: figures mean nothing without them."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    model = models[0] if models else "unknown processor"
    return f"{model}, {os.cpu_count()} cores, Python {sys.version.split()[0]}"


def show(figures: Figures) -> None:
    """The figures for people."""
    rows = (
        ("(a) bare handler", figures.echo_rps, figures.echo_p50_ms, figures.echo_p99_ms, figures.echo_p999_ms),
        ("(b) gateway", figures.gateway_rps, figures.full_p50_ms, figures.full_p99_ms, figures.full_p999_ms),
        ("(b) at half load", figures.half_rps, figures.p50_ms, figures.p99_ms, figures.p999_ms),
    )
    print(f"{figures.machine}; {figures.connections} connections, answers of {figures.answer_bytes} bytes")
    print(f"{'':18}{'requests/s':>12}{'p50 ms':>10}{'p99 ms':>10}{'p99.9 ms':>10}")
    for name, rate, p50, p99, p999 in rows:
        print(f"{name:18}{rate:12.0f}{p50:10.2f}{p99:10.2f}{p999:10.2f}")
    print(f"processor time of an answer: (a) {figures.echo_cpu_us:.0f} µs, (b) {figures.gateway_cpu_us:.0f} µs")
    print(
        f"members not asked about before: {figures.first_time_rps:.0f} requests/s, "
        f"ratio to (a) {figures.first_time_ratio:.3f}"
    )
    print(f"ratio b/a {figures.ratio:.3f}, by processor time {figures.cpu_ratio:.3f}; outcomes {figures.outcomes}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.realtime", description=__doc__)
    parser.add_argument("--seconds", type=float, default=4.0, help="length of a run, at half load 30 at least (4)")
    parser.add_argument("--connections", type=int, default=64, help="connections of the client (64)")
    parser.add_argument("--members", type=int, default=3000, help="size of the book (3000)")
    parser.add_argument("--transaction", choices=("270", "276"), default="270", help="what is asked (270)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    arguments = parser.parse_args()
    begun = time.monotonic()
    figures = measure(arguments.seconds, arguments.connections, arguments.members, arguments.transaction)
    if arguments.json:
        print(msgspec.json.encode(figures).decode())
    else:
        show(figures)
        print(f"measured in {time.monotonic() - begun:.0f} s")


if __name__ == "__main__":
    main()
