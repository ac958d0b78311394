"""What the real-time doors have in common: one request in, one answer out, within the limits.

HTTP's business is refused here, by status code and problem document; what the body holds is the answerer's business.
Plain ASGI callables, because the routing of a framework would cost more than the decision.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from time import perf_counter
from types import TracebackType
from typing import Generic, Protocol, TypeVar

from gateway.clock import Clock, system_clock
from gateway.doors.asgi import Receive, Scope, Send, refuse, respond
from gateway.doors.closing import closure_headers
from gateway.doors.deadlines import Deadlines
from gateway.doors.failures import Failures, HungUp
from gateway.doors.refusals import Document, Headers, Refusal, Refused
from gateway.exchange import Closure
from gateway.limits import Limits
from gateway.logs import log
from gateway.metrics import Metrics, Stage

logger = logging.getLogger(__name__)


class Reply(Protocol):
    """What the pipeline answers."""

    @property
    def body(self) -> bytes:
        """What to send."""

    @property
    def outcome(self) -> str:
        """What it is: ``271``, ``AAA``, ``999``, ``TA1``."""

    @property
    def sent(self) -> Callable[[datetime], None]:
        """To be told when the body has been handed to the connection."""

    @property
    def closure(self) -> Closure | None:
        """Why it says that a function is closed; None where it does not."""


Caller = TypeVar("Caller")
"""Who asks, as the authenticator proved it and the answerer wants it."""
Caller_contra = TypeVar("Caller_contra", contravariant=True)


class Authenticator(Protocol[Caller]):
    """Finds out who asks."""

    async def authenticate(self, authorization: bytes | None) -> Caller:
        """Who presents this ``Authorization`` field; raises Refused, or Outage when it cannot be known now."""

    def name(self, caller: Caller) -> str:
        """The caller's own identifier among all callers."""


class Answerer(Protocol[Caller_contra]):
    """Answers what a body asks."""

    async def answer(self, data: bytes, submitter: Caller_contra, received_at: datetime) -> Reply:
        """The answer; raises Refused, Outage, or CredentialWithdrawn when the caller may no longer ask."""


@dataclass(frozen=True, slots=True)
class Medium:
    """What a door takes and gives."""

    media_type: bytes
    others_refused: Document
    """For a body of another type."""


class InWork:
    """The requests that one process is answering, whichever door they came through."""

    def __init__(self, metrics: Metrics, limits: Limits) -> None:
        self._metrics = metrics
        self._limits = limits
        self._by_caller: dict[str, int] = {}

    def place(self, name: str) -> "Place":
        """A place for one more request of this caller, for as long as the block lasts; Refused where there is none."""
        if self._metrics.in_work >= self._limits.requests_in_work_max:
            raise Refused(Refusal.BUSY)
        if self._by_caller.get(name, 0) >= self._limits.requests_in_work_per_submitter_max:
            raise Refused(Refusal.TOO_MANY)
        return Place(self, name)

    def enter(self, name: str) -> None:
        """One more request of this caller."""
        self._metrics.in_work += 1
        self._by_caller[name] = self._by_caller.get(name, 0) + 1

    def leave(self, name: str) -> None:
        """One less."""
        self._metrics.in_work -= 1
        self._by_caller[name] -= 1
        if not self._by_caller[name]:
            del self._by_caller[name]


class Place:
    """A place among the requests in work; a class, because a generator's block costs 1 µs more."""

    __slots__ = ("_in_work", "_name")

    def __init__(self, in_work: InWork, name: str) -> None:
        self._in_work = in_work
        self._name = name

    def __enter__(self) -> None:
        self._in_work.enter(self._name)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._in_work.leave(self._name)


class RealTimeDoor(Generic[Caller]):
    """The ASGI callable behind one path."""

    def __init__(
        self,
        medium: Medium,
        authenticator: Authenticator[Caller],
        answerer: Answerer[Caller],
        in_work: InWork,
        metrics: Metrics,
        limits: Limits,
        clock: Clock = system_clock,
        *,
        access_log: bool = False,
    ) -> None:
        self._medium = medium
        self._authenticator = authenticator
        self._answerer = answerer
        self._in_work = in_work
        self._metrics = metrics
        self._limits = limits
        self._clock = clock
        self._access_log = access_log
        self._failures = Failures(logger)
        self._authenticating = metrics.stage(Stage.AUTHENTICATE)
        self._deadlines = Deadlines(limits.answer_s_max, limits.sweep_s)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; never raises for anything that a client or a dependency does."""
        begun = perf_counter()
        try:
            reply = await self._reply(scope, receive)
        except Refused as refused:
            await self._refuse(send, refused)
        except HungUp:
            return
        else:
            headers = _headers(self._medium.media_type, reply.outcome, len(reply.body))
            if reply.closure is not None:
                headers = [*headers, *closure_headers(reply.closure, self._clock())]
            await respond(send, 200, headers, reply.body)
            reply.sent(self._clock())
            seconds = perf_counter() - begun
            self._metrics.request_seconds.observe(seconds)
            if self._access_log:
                log(logger, logging.INFO, "answered", outcome=reply.outcome, seconds=seconds, bytes=len(reply.body))

    async def _reply(self, scope: Scope, receive: Receive) -> Reply:
        """The answer to a request that HTTP has nothing against."""
        received_at = self._clock()
        try:
            authorization = self._inspect(scope)
            begun = perf_counter()
            caller = await self._authenticator.authenticate(authorization)
            self._authenticating.observe(perf_counter() - begun)
            data = await self._read(receive)
            return await self._answer(data, caller, received_at)
        except (Exception, asyncio.CancelledError) as error:
            raise self._failures.refusal(error) from None

    def _inspect(self, scope: Scope) -> bytes | None:
        """Check method and header fields; gives the ``Authorization`` field."""
        if scope["method"] != "POST":
            raise Refused(Refusal.METHOD)
        fields = dict(scope["headers"])
        authorization: bytes | None = fields.get(b"authorization")
        if authorization is None:
            raise Refused(Refusal.CREDENTIALS_MISSING)
        if not _is_of(self._medium.media_type, fields.get(b"content-type", b"")):
            raise Refused(Refusal.MEDIA_TYPE, self._medium.others_refused)
        if fields.get(b"content-encoding", b"identity").lower() != b"identity":
            raise Refused(Refusal.CONTENT_ENCODING)
        if int(fields.get(b"content-length", 0)) > self._limits.interchange_bytes_max:
            raise Refused(Refusal.TOO_LARGE)
        return authorization

    async def _read(self, receive: Receive) -> bytes:
        """The whole body, as far as the limit allows."""
        parts = []
        size = 0
        more = True
        while more:
            message = await receive()
            if message["type"] != "http.request":
                raise HungUp
            part: bytes = message["body"]
            more = message["more_body"]
            size += len(part)
            if size > self._limits.interchange_bytes_max:
                raise Refused(Refusal.TOO_LARGE)
            parts.append(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    async def _answer(self, data: bytes, caller: Caller, received_at: datetime) -> Reply:
        """The pipeline's answer, while no more than the allowed number are in work and in the time allowed."""
        with self._in_work.place(self._authenticator.name(caller)), self._deadlines.start():
            return await self._answerer.answer(data, caller, received_at)

    async def _refuse(self, send: Send, refused: Refused) -> None:
        self._metrics.refusals(refused.refusal).inc()
        if self._access_log:
            log(logger, logging.INFO, "refused", refusal=refused.refusal)
        await refuse(send, refused.refusal, refused.document)


def _is_of(media_type: bytes, content_type: bytes) -> bool:
    return content_type == media_type or content_type.partition(b";")[0].strip().lower() == media_type


@lru_cache(maxsize=4096)
def _headers(media_type: bytes, outcome: str, length: int) -> Headers:
    return [
        (b"content-type", media_type),
        (b"content-length", str(length).encode()),
        (b"x-edi-outcome", outcome.encode()),
    ]
