"""What the doors that answer GET with JSON have in common: who asks, and what is said when it fails."""

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus

import msgspec

from gateway.clock import Clock, system_clock
from gateway.doors.asgi import Receive, Scope, Send, refuse, respond
from gateway.doors.failures import Failures, HungUp
from gateway.doors.keys import BearerKeys
from gateway.doors.refusals import Document, Headers, Refusal, Refused
from gateway.metrics import Metrics
from gateway.store.fact import Fact
from rules.facts import Submitter

_ONLY_GET = Document(Refusal.METHOD, HTTPStatus.METHOD_NOT_ALLOWED, "Ask here with GET.", (b"allow", b"GET"))

Sent = Callable[[datetime], None]
"""Is told when an answer has been handed to the client's connection."""

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Asked:
    """A request whose sender is known. Nobody changes it."""

    caller: Fact[Submitter]
    received_at: datetime
    path: str = field(repr=False)
    query: bytes = field(repr=False)
    target: bytes = field(repr=False)
    """Path and query as they came."""
    fields: dict[bytes, bytes] = field(repr=False)
    """The header."""
    receive: Receive = field(repr=False)


@dataclass(slots=True)
class Answer:
    """What is sent back."""

    status: int
    headers: Headers
    body: bytes = field(default=b"", repr=False)
    sent: Sent | None = field(default=None, repr=False)


class GetDoor(ABC):
    """An ASGI callable behind one path, or a path and all below it."""

    def __init__(self, keys: BearerKeys, metrics: Metrics, clock: Clock = system_clock) -> None:
        self._keys = keys
        self._metrics = metrics
        self._clock = clock
        self._failures = Failures(logger)

    @abstractmethod
    async def answer(self, asked: Asked) -> Answer:
        """The answer; may raise whatever `gateway.doors.failures` knows."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; never raises for anything that a client or a dependency does."""
        try:
            answer = await self._answer(scope, receive)
        except Refused as refused:
            self._metrics.refusals(refused.refusal).inc()
            await refuse(send, refused.refusal, refused.document)
        except HungUp:
            return
        else:
            await respond(send, answer.status, answer.headers, answer.body)
            if answer.sent is not None:
                answer.sent(self._clock())

    async def _answer(self, scope: Scope, receive: Receive) -> Answer:
        """The answer to a request that HTTP has nothing against."""
        received_at = self._clock()
        try:
            if scope["method"] != "GET":
                raise Refused(Refusal.METHOD, _ONLY_GET)
            fields, query = dict(scope["headers"]), scope["query_string"]
            target = scope["raw_path"] + b"?" + query if query else scope["raw_path"]
            caller = await self._keys.authenticate(fields.get(b"authorization"))
            return await self.answer(Asked(caller, received_at, scope["path"], query, target, fields, receive))
        except (Exception, asyncio.CancelledError) as error:
            raise self._failures.refusal(error) from None


def json_answer(document: object, headers: Headers, sent: Sent | None = None) -> Answer:
    """A document of `msgspec` types, or of dictionaries."""
    body = msgspec.json.encode(document)
    fixed = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    return Answer(HTTPStatus.OK, [*fixed, *headers], body, sent)
