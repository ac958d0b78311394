"""``GET /v1/claims``: one claim by its number, a search, or what has become of claims since a cursor.

What a claim's status is comes from the pipeline, as the answer to a 276 that asks the same; that nothing has changed
since the caller last asked is said from the facts that this process holds.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from http import HTTPStatus
from typing import Any, TypeVar
from urllib.parse import parse_qsl

import orjson

from edi.claim_status import ClaimStatusAnswer, Status
from edi.errors import CallerError, Outage
from gateway.clock import Clock, system_clock
from gateway.configuration import Configuration
from gateway.cursors import CursorTooOld, NoCursor
from gateway.doors.asgi import Receive, Scope, Send, refuse, respond
from gateway.doors.claims.asking import Question, Writer, question_of_parameters, read_parameters
from gateway.doors.claims.finding import Finder
from gateway.doors.claims.telling import tell_answer, tell_claim
from gateway.doors.deadlines import Deadlines
from gateway.doors.eligibility.faults import Fault, refused_fields
from gateway.doors.keys import BearerKeys
from gateway.doors.real_time import InWork
from gateway.doors.refusals import Document, Headers, Refusal, Refused
from gateway.exchange import CredentialWithdrawn, Outcome, local
from gateway.following import Following
from gateway.limits import Limits
from gateway.logs import log
from gateway.metrics import Metrics
from gateway.pipeline import Pipeline, Reply
from gateway.store.facts import Fact, FactStore
from rules.claim_polling import ask_again_after
from rules.claim_status import tell_claim as claim_status_of
from rules.facts import Submitter

CLAIMS_PATH = "/v1/claims"
ONE_CLAIM_PATHS = f"{CLAIMS_PATH}/"
CHANGES_PATH = f"{CLAIMS_PATH}/changes"
WAIT_S_MAX = 30
CURSOR_CHARACTERS_MAX = 8_000

_ONLY_GET = Document(Refusal.METHOD, HTTPStatus.METHOD_NOT_ALLOWED, "Ask after claims with GET.", (b"allow", b"GET"))
_NO_CLAIM = Document(Refusal.NOT_FOUND, HTTPStatus.NOT_FOUND, "No claim that you may ask after has this number.")

logger = logging.getLogger(__name__)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Told:
    """What is sent back."""

    status: int
    headers: Headers
    body: bytes = field(repr=False)
    sent: Callable[[datetime], None] | None = field(default=None, repr=False)
    """To be told when it has been handed to the client's connection."""


class _HungUp(Exception):  # noqa: N818 - the client went, which is its right
    """The client closed the connection while it waited."""


class ClaimsDoor:
    """The ASGI callable behind ``/v1/claims`` and all paths below it."""

    def __init__(
        self,
        keys: BearerKeys,
        facts: FactStore,
        pipeline: Pipeline,
        following: Following,
        configuration: Configuration,
        in_work: InWork,
        metrics: Metrics,
        limits: Limits,
        clock: Clock = system_clock,
    ) -> None:
        self._keys = keys
        self._pipeline = pipeline
        self._following = following
        self._configuration = configuration
        self._in_work = in_work
        self._metrics = metrics
        self._limits = limits
        self._clock = clock
        self._finder = Finder(facts, configuration)
        self._writer = Writer(configuration)
        self._deadlines = Deadlines(limits.answer_s_max, limits.sweep_s)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; never raises for anything that a client or a dependency does."""
        try:
            told = await self._answer(scope, receive)
        except Refused as refused:
            self._metrics.refusals(refused.refusal).inc()
            await refuse(send, refused.refusal, refused.document)
        except _HungUp:
            return
        else:
            await respond(send, told.status, told.headers, told.body)
            if told.sent is not None:
                told.sent(self._clock())

    async def _answer(self, scope: Scope, receive: Receive) -> Told:
        """What a request that HTTP has nothing against is told."""
        if scope["method"] != "GET":
            raise Refused(Refusal.METHOD, _ONLY_GET)
        try:
            fields = dict(scope["headers"])
            caller = await self._keys.authenticate(fields.get(b"authorization"))
            return await self._route(scope, fields, caller, receive)
        except CredentialWithdrawn:
            raise Refused(Refusal.CREDENTIALS_UNKNOWN) from None
        except NoCursor:
            raise Refused(Refusal.CURSOR) from None
        except CursorTooOld:
            raise Refused(Refusal.CURSOR_TOO_OLD) from None
        except Outage:
            raise Refused(Refusal.OUTAGE) from None
        except TimeoutError:
            raise Refused(Refusal.OUT_OF_TIME) from None
        except asyncio.CancelledError:
            # Only the server's own stop cancels a request, and what is left to do is to tell the client.
            raise Refused(Refusal.STOPPING) from None
        except (Refused, _HungUp):
            raise
        except Exception as bug:
            log(logger, logging.ERROR, "an answer about claims failed", bug)
            raise Refused(Refusal.OUR_FAULT) from None

    async def _route(self, scope: Scope, fields: dict[bytes, bytes], caller: Fact[Submitter], receive: Receive) -> Told:
        path, query, now = scope["path"], scope["query_string"], self._clock()
        if path == CHANGES_PATH:
            return await self._changes(query, caller, now, receive)
        known = _tags(fields.get(b"if-none-match", b""))
        with self._in_work.place(self._keys.name(caller)), self._deadlines.start():
            if path == CLAIMS_PATH:
                return await self._search(query, known, caller, now)
            return await self._one(path.removeprefix(ONE_CLAIM_PATHS), known, caller, now)

    async def _one(self, number: str, known: frozenset[bytes], caller: Fact[Submitter], now: datetime) -> Told:
        """The claims with a number, mostly one; nothing but that it is unchanged to who knows it already."""
        found = await self._finder.find(number, caller, now)
        if found is None:
            raise Refused(Refusal.NOT_FOUND, _NO_CLAIM)
        if found.tag in known:
            return Told(HTTPStatus.NOT_MODIFIED, [(b"etag", found.tag), *_hints(found.statuses)], b"")
        reply, answer = await self._ask(found.question, caller, now)
        return _told(reply, answer, found.tag)

    async def _search(self, query: bytes, known: frozenset[bytes], caller: Fact[Submitter], now: datetime) -> Told:
        """The claims that fit what is asked."""
        question = question_of_parameters(read_parameters(query))
        reply, answer = await self._ask(question, caller, now)
        told = _told(reply, answer, None)
        tag = b'"' + sha256(told.body).hexdigest()[:32].encode() + b'"'
        if tag in known:
            return Told(HTTPStatus.NOT_MODIFIED, [(b"etag", tag), *_hints(answer.statuses)], b"", reply.sent)
        return replace(told, headers=[*told.headers, (b"etag", tag)])

    async def _ask(self, question: Question, caller: Fact[Submitter], now: datetime) -> tuple[Reply, ClaimStatusAnswer]:
        """The pipeline's answer to the 276 that asks the same."""
        asked = self._writer.write(question, caller.value, local(now, self._configuration.zone))
        reply = await self._pipeline.answer(asked, caller, now, typed=True)
        if reply.outcome is Outcome.TRANSACTION_REJECTED:
            raise Refused(Refusal.GUIDE)
        for response in reply.responses:
            for answer in response.answers:
                if isinstance(answer, ClaimStatusAnswer):
                    return reply, answer
        raise CallerError(f"a 276 of ours was answered with {reply.outcome}")

    async def _changes(self, query: bytes, caller: Fact[Submitter], now: datetime, receive: Receive) -> Told:
        """What has become of claims since a cursor."""
        cursor, wait_s = _following_parameters(query)
        if self._following.waiting >= self._limits.claim_followers_max:
            raise Refused(Refusal.BUSY)
        followed = await _unless_hung_up(self._following.follow(caller, cursor, now, wait_s), receive)
        today, profile = local(now, self._configuration.zone).date(), self._configuration.claims
        claims = [(change, claim_status_of(change.claim, today, profile)) for change in followed.changes]
        document = {
            "changes": [
                {"recordedAt": change.recorded_at, "claim": tell_claim(told)} for change, told in claims if told
            ],
            "cursor": followed.cursor,
            "hasMore": followed.has_more,
        }
        return _json(document, [])


async def _unless_hung_up(work: Coroutine[Any, Any, T], receive: Receive) -> T:
    """What the work gives, given up when the client goes."""
    working, leaving = asyncio.create_task(work), asyncio.create_task(_left(receive))
    try:
        await asyncio.wait((working, leaving), return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise _HungUp
        return working.result()
    finally:
        for task in (working, leaving):
            task.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await task


async def _left(receive: Receive) -> None:
    """Return when the client closes its connection."""
    while (await receive())["type"] != "http.disconnect":
        pass


def _following_parameters(query: bytes) -> tuple[str, float]:
    """Cursor, empty where there is none, and seconds to wait."""
    pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
    parameters = dict(pairs)
    faults = [Fault(name, "Is not a parameter") for name in parameters if name not in ("cursor", "wait")]
    cursor, wait = parameters.get("cursor", ""), parameters.get("wait", "0")
    if len(cursor) > CURSOR_CHARACTERS_MAX:
        raise NoCursor
    if not (wait.isascii() and wait.isdigit() and len(wait) <= len(str(WAIT_S_MAX)) and int(wait) <= WAIT_S_MAX):
        faults.append(Fault("wait", f"Is from 0 to {WAIT_S_MAX} seconds"))
    if faults:
        raise refused_fields(Refusal.FIELDS, HTTPStatus.UNPROCESSABLE_ENTITY, faults)
    return cursor, float(wait)


def _tags(if_none_match: bytes) -> frozenset[bytes]:
    """The entity tags of a conditional request; weak ones are compared as strong ones are (RFC 9110, 13.1.2)."""
    return frozenset(tag.strip().removeprefix(b"W/") for tag in if_none_match.split(b","))


def _told(reply: Reply, answer: ClaimStatusAnswer, tag: bytes | None) -> Told:
    """An answer; only one that says something of claims can be unchanged the next time."""
    headers = [(b"x-edi-outcome", reply.outcome.encode()), *_hints(answer.statuses)]
    if tag is not None and reply.outcome is Outcome.CLAIM_STATUS:
        headers.append((b"etag", tag))
    return replace(_json(tell_answer(answer), headers), sent=reply.sent)


def _hints(statuses: Iterable[Status]) -> Headers:
    """When to ask again, and that whoever keeps the answer asks before using it."""
    seconds = int(ask_again_after(statuses).total_seconds())
    return [(b"retry-after", str(seconds).encode()), (b"cache-control", b"private, no-cache")]


def _json(document: object, headers: Headers) -> Told:
    body = orjson.dumps(document)
    fixed = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    return Told(HTTPStatus.OK, [*fixed, *headers], body)
