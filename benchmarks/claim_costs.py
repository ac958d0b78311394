"""What it costs a worker to be asked for claims by their numbers."""

import asyncio
import re
from collections.abc import Sequence
from itertools import cycle, islice

from benchmarks.followers import connected, exchange
from benchmarks.programs import Gateway
from rules.facts.claims import Claim

CLAIMS_MAX = 50
ASKING_CONNECTIONS = 16
ASKED_PER_CONNECTION = 125
SETTLE_SECONDS = 0.5
"""For what is recorded after its answer."""


async def costs(gateway: Gateway, claims: Sequence[Claim], key: str) -> tuple[float, float]:
    """Processor time of the worker for a full answer, and for one that says nothing has changed, in µs."""
    full: list[bytes] = []
    unchanged: list[bytes] = []
    async with connected(gateway.port) as streams:
        for claim in claims[:CLAIMS_MAX]:
            ask = f"GET /v1/claims/{claim.claim_number} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n".encode()
            head, _ = await exchange(streams, ask + b"\r\n")
            tag = re.search(rb"etag: (\S+)", head)
            if tag is not None:
                full.append(ask + b"\r\n")
                unchanged.append(ask + b"if-none-match: " + tag[1] + b"\r\n\r\n")
    assert full, "no claim was told"
    return await _cpu_us(gateway, full, b"HTTP/1.1 200"), await _cpu_us(gateway, unchanged, b"HTTP/1.1 304")


async def _cpu_us(gateway: Gateway, requests: Sequence[bytes], expected: bytes) -> float:
    """Processor time of the worker for one of these answers."""
    before = gateway.cpu_seconds()

    async def ask() -> None:
        async with connected(gateway.port) as streams:
            for asked in islice(cycle(requests), ASKED_PER_CONNECTION):
                head, _ = await exchange(streams, asked)
                assert head.startswith(expected), head[:40]

    await asyncio.gather(*(ask() for _ in range(ASKING_CONNECTIONS)))
    await asyncio.sleep(SETTLE_SECONDS)
    return (gateway.cpu_seconds() - before) / (ASKING_CONNECTIONS * ASKED_PER_CONNECTION) * 1e6
