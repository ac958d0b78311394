"""A load client in a process of its own: keep-alive connections over epoll, requests made before the clock starts.

Reads one JSON object from standard input (``Order``) and writes one to standard output (``Result``). In a closed loop
each connection asks again as soon as it is answered. In an open loop requests are due at fixed intervals, and a
request's time counts from when it was due, so that a gateway that falls behind cannot hide it.
"""

import select
import socket
import sys
from collections import Counter, deque
from dataclasses import dataclass, field
from itertools import cycle, islice
from time import perf_counter

import msgspec

HEAD_END = b"\r\n\r\n"
LENGTH = b"content-length: "
OUTCOME = b"x-edi-outcome: "
READ_BYTES = 262_144


@dataclass(frozen=True, slots=True)
class Order:
    """What to send, where, how much of it."""

    port: int
    connections: int
    seconds: float
    requests: list[str]
    """Whole HTTP requests, in Latin-1."""
    rate: float | None = None
    """Requests a second in all; None: as many as are answered (a closed loop)."""
    once: bool = False
    """Whether the closed loop ends when each request has been sent once."""


@dataclass(slots=True)
class Result:
    """What came back. Times are in milliseconds."""

    answers: int = 0
    seconds: float = 0.0
    p50_ms: float = 0.0
    p99_ms: float = 0.0
    p999_ms: float = 0.0
    max_ms: float = 0.0
    answer_bytes: float = 0.0
    """Mean length of a body."""
    outcomes: dict[str, int] = field(default_factory=dict)
    """How often each ``X-Edi-Outcome``, or status where there was none."""

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.answers / self.seconds


class _Client:
    """One connection: asks, and knows when it is answered."""

    __slots__ = ("asked_at", "buffer", "socket", "wanted")

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.asked_at = 0.0
        self.buffer = b""
        self.wanted = 0

    def ask(self, request: bytes, due: float) -> None:
        self.asked_at = due
        self.buffer = b""
        self.wanted = 0
        self.socket.sendall(request)

    def is_answered(self) -> bool:
        """Take what has come; whether the answer is whole."""
        self.buffer += self.socket.recv(READ_BYTES)
        if not self.wanted:
            head = self.buffer.find(HEAD_END)
            if head < 0:
                return False
            self.wanted = (
                head + len(HEAD_END) + int(_field(self.buffer, LENGTH) or 0)
            )  # a 304 has no length and no body
        return len(self.buffer) >= self.wanted


class _Run:
    """The loop and what it counts."""

    def __init__(self, order: Order) -> None:
        requests = [request.encode("latin-1") for request in order.requests]
        self._requests = islice(cycle(requests), len(requests) if order.once else None)
        self._clients = {
            client.socket.fileno(): client for client in (_Client(order.port) for _ in range(order.connections))
        }
        self._poll = select.epoll()
        for descriptor in self._clients:
            self._poll.register(descriptor, select.EPOLLIN)
        self._order = order
        self._seconds: list[float] = []
        self._outcomes: Counter[bytes] = Counter()
        self._body_bytes = 0

    def closed_loop(self) -> Result:
        begun = perf_counter()
        end = begun + self._order.seconds
        in_work = 0
        for client, request in zip(self._clients.values(), self._requests, strict=False):
            client.ask(request, begun)
            in_work += 1
        now = begun
        while now < end and in_work:
            for client in self._answered(1.0):
                in_work -= 1
                for another in islice(self._requests, 1):
                    client.ask(another, perf_counter())
                    in_work += 1
            now = perf_counter()
        return self._result(now - begun)

    def open_loop(self, rate: float) -> Result:
        begun = perf_counter()
        end = begun + self._order.seconds
        due = begun
        idle = deque(self._clients.values())
        now = begun
        while now < end:
            while due <= now and idle:
                idle.popleft().ask(next(self._requests), due)
                due += 1 / rate
            wait = max(0.0, due - perf_counter()) if idle else 1.0
            idle.extend(self._answered(wait))
            now = perf_counter()
        return self._result(now - begun)

    def _answered(self, wait: float) -> list[_Client]:
        """The clients whose answers have come, after counting them."""
        answered = []
        for descriptor, _ in self._poll.poll(wait):
            client = self._clients[descriptor]
            if client.is_answered():
                self._seconds.append(perf_counter() - client.asked_at)
                self._count(client.buffer)
                answered.append(client)
        return answered

    def _count(self, answer: bytes) -> None:
        self._outcomes[_field(answer, OUTCOME) or answer[9:12]] += 1
        self._body_bytes += len(answer) - answer.index(HEAD_END) - len(HEAD_END)

    def _result(self, seconds: float) -> Result:
        ordered = sorted(self._seconds)

        def quantile(share: float) -> float:
            return round(ordered[int(share * (len(ordered) - 1))] * 1000, 3)

        return Result(
            answers=len(ordered),
            seconds=seconds,
            p50_ms=quantile(0.5),
            p99_ms=quantile(0.99),
            p999_ms=quantile(0.999),
            max_ms=quantile(1.0),
            answer_bytes=self._body_bytes / len(ordered),
            outcomes={outcome.decode(): number for outcome, number in self._outcomes.items()},
        )


def _field(answer: bytes, name: bytes) -> bytes:
    """The value of a header field, empty when it is not there."""
    start = answer.find(name)
    if start < 0:
        return b""
    return answer[start + len(name) : answer.index(b"\r", start)]


def main() -> None:
    """Carry out the order on standard input."""
    order = msgspec.json.decode(sys.stdin.buffer.read(), type=Order)
    run = _Run(order)
    result = run.closed_loop() if order.rate is None else run.open_loop(order.rate)
    sys.stdout.buffer.write(msgspec.json.encode(result))


if __name__ == "__main__":
    main()
