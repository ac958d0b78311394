"""What it costs to be told that a claim is unchanged: ``python -m benchmarks.claim_status [--json]``.

Starts PostgreSQL and Valkey, a synthetic book with its claims and the gateway with one worker, and asks ``GET
/v1/claims/{number}`` about the same claims again and again over real HTTP: in turn for the full answer and, with
``If-None-Match``, for the news that nothing has changed. The server under test has one core to itself, as in
``benchmarks.realtime``.
"""

import argparse
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from http.client import HTTPConnection
from itertools import islice
from pathlib import Path
from statistics import median

import msgspec

from benchmarks.claim_inquiries import claims_to_ask_about, prepare_claims
from benchmarks.inquiries import made_up_book, prepare_store
from benchmarks.realtime import Bench, Run, Server, machine, on_cores, other_cores
from gateway.embedded import EmbeddedServers
from gateway.settings import Settings, encode_settings

ROUNDS = 3
WARM_UP_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Figures:
    """What is told in the end."""

    full_rps: float
    unchanged_rps: float
    full_cpu_us: float
    """The server's own processor time for one answer."""
    unchanged_cpu_us: float
    cost_ratio: float
    """Of the unchanged to the full, by time for one answer under full load."""
    cpu_ratio: float
    full_p50_ms: float
    unchanged_p50_ms: float
    full_bytes: int
    outcomes: dict[str, int]
    claims: int
    connections: int
    machine: str


def measure(seconds: float, connections: int, members: int, claims_max: int) -> Figures:
    """Start everything, measure, stop everything."""
    made = made_up_book(members)
    numbers = [claim.claim_number for claim, _, _ in islice(claims_to_ask_about(made), claims_max)]
    with tempfile.TemporaryDirectory(prefix="edi-bench-") as folder, ExitStack() as stack:
        with on_cores(other_cores()):
            servers = stack.enter_context(EmbeddedServers(Path(folder) / "data"))
        settings = replace(Settings(), database_url=servers.database_url, redis_url=servers.redis_url)
        key = prepare_store(servers.database_url, made)
        prepare_claims(servers.database_url, made)
        bench = Bench(connections, [])
        gateway = stack.enter_context(
            bench.server("gateway.server_process", first_line=encode_settings(settings) + b"\n")
        )
        tags = _tags(gateway.port, numbers, key)
        full = [_request(number, key, "") for number in numbers]
        unchanged = [_request(number, key, tag) for number, tag in zip(numbers, tags, strict=True)]
        return _compare(gateway, full, unchanged, seconds)


def _compare(gateway: Server, full: list[str], unchanged: list[str], seconds: float) -> Figures:
    connections = gateway.bench.connections
    asked = [replace(gateway, bench=Bench(connections, requests)) for requests in (full, unchanged)]
    for server in asked:
        server.load(WARM_UP_SECONDS)
    rounds = [[server.load(seconds) for server in asked] for _ in range(ROUNDS)]
    in_full, news = map(_middle, zip(*rounds, strict=True))
    return Figures(
        full_rps=round(in_full.result.rate, 1),
        unchanged_rps=round(news.result.rate, 1),
        full_cpu_us=round(in_full.cpu_us, 1),
        unchanged_cpu_us=round(news.cpu_us, 1),
        cost_ratio=round(in_full.result.rate / news.result.rate, 3),
        cpu_ratio=round(median(unchanged.cpu_us / full.cpu_us for full, unchanged in rounds), 3),
        full_p50_ms=in_full.result.p50_ms,
        unchanged_p50_ms=news.result.p50_ms,
        full_bytes=round(in_full.result.answer_bytes),
        outcomes=in_full.result.outcomes | news.result.outcomes,
        claims=len(full),
        connections=connections,
        machine=machine(),
    )


def _middle(runs: Sequence[Run]) -> Run:
    return sorted(runs, key=lambda run: run.result.rate)[len(runs) // 2]


def _tags(port: int, numbers: Sequence[str], key: str) -> list[str]:
    """The entity tags of the answers about these claims."""
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    tags = []
    for number in numbers:
        connection.request("GET", f"/v1/claims/{number}", headers={"Authorization": f"Bearer {key}"})
        response = connection.getresponse()
        response.read()
        tags.append(response.headers["ETag"] or "")
    connection.close()
    if not all(tags):
        raise SystemExit("a claim of the book cannot be asked about")
    return tags


def _request(number: str, key: str, tag: str) -> str:
    """A whole request as a load client sends it."""
    known = f"If-None-Match: {tag}\r\n" if tag else ""
    return (
        f"GET /v1/claims/{number} HTTP/1.1\r\n"
        "Host: 127.0.0.1\r\n"
        "User-Agent: edi-gateway-benchmark\r\n"
        "Accept: application/json\r\n"
        f"Authorization: Bearer {key}\r\n"
        f"{known}\r\n"
    )


def show(figures: Figures) -> None:
    """The figures for people."""
    print(f"{figures.machine}; {figures.connections} connections, {figures.claims} claims; outcomes {figures.outcomes}")
    print(f"{'':14}{'requests/s':>12}{'p50 ms':>10}{'processor µs':>14}")
    print(f"{'full answer':14}{figures.full_rps:12.0f}{figures.full_p50_ms:10.2f}{figures.full_cpu_us:14.0f}")
    print(
        f"{'unchanged':14}{figures.unchanged_rps:12.0f}{figures.unchanged_p50_ms:10.2f}{figures.unchanged_cpu_us:14.0f}"
    )
    print(
        f"an unchanged claim costs {figures.cost_ratio:.3f} of the full answer, "
        f"by processor time {figures.cpu_ratio:.3f}"
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.claim_status", description=__doc__)
    parser.add_argument("--seconds", type=float, default=3.0, help="length of each of six runs (3)")
    parser.add_argument("--connections", type=int, default=32, help="connections of the client (32)")
    parser.add_argument("--members", type=int, default=1000, help="size of the book (1000)")
    parser.add_argument("--claims", type=int, default=300, help="claims asked about again and again, at most (300)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    arguments = parser.parse_args()
    figures = measure(arguments.seconds, arguments.connections, arguments.members, arguments.claims)
    if arguments.json:
        print(msgspec.json.encode(figures).decode())
    else:
        show(figures)


if __name__ == "__main__":
    main()
