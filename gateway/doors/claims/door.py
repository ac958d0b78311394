"""``GET /v1/claims``: one claim by its number, or a search.

What a claim's status is comes from the pipeline, as the answer to a 276 that asks the same; that nothing has changed
since the caller last asked, or that there is no such claim, is said from the facts that this process holds: the former
is recorded after it was told, so that it needs no database.
"""

from collections.abc import Iterable
from datetime import datetime
from functools import partial
from hashlib import sha256
from http import HTTPStatus
from time import perf_counter

from msgspec.structs import replace

from edi.claim_status import ClaimStatusAnswer, Status
from edi.errors import CallerError, Outage
from gateway.audit.disclosing import Disclosure, Disclosures, Said
from gateway.clock import Clock, system_clock
from gateway.configuration import Configuration
from gateway.doors.claims.asking import Question, Writer, question_of_parameters, read_parameters
from gateway.doors.claims.finding import Finder
from gateway.doors.claims.foreseeing import Foreseer
from gateway.doors.claims.telling import tell_answer
from gateway.doors.closing import closure_headers, closure_of, opens_at, refused_while_closed
from gateway.doors.deadlines import Deadlines
from gateway.doors.getting import Answer, Asked, GetDoor, Sent, json_answer
from gateway.doors.keys import BearerKeys
from gateway.doors.real_time import InWork
from gateway.doors.refusals import Document, Headers, Refusal, Refused
from gateway.exchange import Outcome, local
from gateway.hours.opening import known_closure
from gateway.limits import Limits
from gateway.metrics import Metrics, Transaction
from gateway.pipeline import COMPUTATIONS_MAX, Pipeline, Reply
from gateway.store.facts import Fact, FactStore
from rules.claims.polling import ask_again_after
from rules.facts import Function, Submitter

CLAIMS_PATH = "/v1/claims"
ONE_CLAIM_PATHS = f"{CLAIMS_PATH}/"

_ASKED_AGAIN = (b"cache-control", b"private, no-cache")
"""Whoever keeps an answer asks before using it."""
_NO_CLAIM = Document(Refusal.NOT_FOUND, HTTPStatus.NOT_FOUND, "No claim that you may ask after has this number.")


class _Tags:
    """The entity tags of ``If-None-Match``; weak ones are compared as strong ones are (RFC 9110, 13.1.2)."""

    __slots__ = ("_is_any", "_tags")

    def __init__(self, if_none_match: bytes) -> None:
        tags = frozenset(tag.strip().removeprefix(b"W/") for tag in if_none_match.split(b","))
        self._is_any = tags == {b"*"}
        self._tags = tags - {b""}

    def __bool__(self) -> bool:
        return bool(self._tags)

    def __contains__(self, tag: bytes) -> bool:
        return self._is_any or tag in self._tags


class ClaimsDoor(GetDoor):
    """The ASGI callable behind ``/v1/claims`` and the paths below it that no other door has."""

    def __init__(
        self,
        keys: BearerKeys,
        facts: FactStore,
        pipeline: Pipeline,
        disclosures: Disclosures,
        configuration: Configuration,
        in_work: InWork,
        metrics: Metrics,
        limits: Limits,
        clock: Clock = system_clock,
    ) -> None:
        super().__init__(keys, metrics, clock)
        self._pipeline = pipeline
        self._disclosures = disclosures
        self._configuration = configuration
        self._in_work = in_work
        payer_id = configuration.profile.identifier
        self._known_closure = partial(known_closure, facts, payer_id, Function.CLAIM_STATUS)
        self._finder = Finder(facts, configuration)
        self._foreseer = Foreseer(facts, configuration)
        self._writer = Writer(configuration)
        self._deadlines = Deadlines(limits.answer_s_max, limits.sweep_s)

    async def answer(self, asked: Asked) -> Answer:
        """The claims that are asked after."""
        begun = perf_counter()
        known = _Tags(asked.fields.get(b"if-none-match", b""))
        try:
            with self._in_work.place(self._keys.name(asked.caller)), self._deadlines.start():
                if asked.path == CLAIMS_PATH:
                    answer = await self._search(asked, known)
                else:
                    answer = await self._one(asked.path.removeprefix(ONE_CLAIM_PATHS), asked, known)
        except Outage as outage:
            raise refused_while_closed(outage, self._known_closure(asked.received_at), asked.received_at) from None
        self._metrics.request_seconds.observe(perf_counter() - begun)
        return answer

    async def _one(self, number: str, asked: Asked, known: _Tags) -> Answer:
        """The claims with a number, mostly one; nothing but that it is unchanged to who knows it already."""
        caller = asked.caller
        for _ in range(COMPUTATIONS_MAX):
            found, versions = await self._finder.find(number, caller, asked.received_at)
            if found is not None and found.tag not in known:
                reply, answer = await self._ask(self._write(found.question, caller, asked), caller, asked)
                return _told(reply, answer, found.tag, asked.received_at)
            disclosure = _disclosure(asked, caller, None if found is None else found.tag, versions)
            if found is not None and self._disclosures.has_room:
                return _unchanged(found.tag, found.statuses, partial(self._disclosures.record_late, disclosure))
            recorded = await self._disclosures.record(disclosure)
            if recorded is not None:
                sent = partial(self._disclosures.sent, recorded)
                return _no_claim(sent) if found is None else _unchanged(found.tag, found.statuses, sent)
            caller = await self._keys.authenticate(asked.fields.get(b"authorization"))
        raise Outage("facts change faster than an answer can be computed")

    async def _search(self, asked: Asked, known: _Tags) -> Answer:
        """The claims that fit what is asked; nothing but that they are unchanged to who knows them already."""
        question = question_of_parameters(read_parameters(asked.query))
        inquiry = self._write(question, asked.caller, asked)
        unchanged = await self._unchanged_search(inquiry, asked, known)
        if unchanged is not None:
            return unchanged
        reply, answer = await self._ask(inquiry, asked.caller, asked)
        told = _told(reply, answer, None, asked.received_at)
        tag = _tag(told)
        if tag in known:
            return _unchanged(tag, answer.statuses, reply.sent)
        return Answer(told.status, [*told.headers, (b"etag", tag)], told.body, reply.sent)

    async def _unchanged_search(self, inquiry: bytes, asked: Asked, known: _Tags) -> Answer | None:
        """That what a search finds is what its asker knows; None where it is not, or has to be recorded first."""
        if not known or not self._disclosures.has_room:
            return None
        foreseen = await self._foreseer.foresee(inquiry, asked.caller, asked.received_at)
        if foreseen is None:
            return None
        tag = _tag(json_answer(tell_answer(foreseen.answer), []))
        if tag not in known:
            return None
        disclosure = _disclosure(asked, asked.caller, tag, foreseen.versions)
        return _unchanged(tag, foreseen.answer.statuses, partial(self._disclosures.record_late, disclosure))

    def _write(self, question: Question, caller: Fact[Submitter], asked: Asked) -> bytes:
        """The 276 that asks a question."""
        return self._writer.write(question, caller.value, local(asked.received_at, self._configuration.zone))

    async def _ask(self, inquiry: bytes, caller: Fact[Submitter], asked: Asked) -> tuple[Reply, ClaimStatusAnswer]:
        """The pipeline's answer to a 276 of ours."""
        reply = await self._pipeline.answer(inquiry, caller, asked.received_at, typed=True)
        if reply.outcome is Outcome.TRANSACTION_REJECTED:
            raise Refused(Refusal.GUIDE)
        for response in reply.responses:
            for answer in response.answers:
                if isinstance(answer, ClaimStatusAnswer):
                    return reply, answer
        raise CallerError(f"a 276 of ours was answered with {reply.outcome}")


def _tag(told: Answer) -> bytes:
    """Stands for a body, whatever it rests on."""
    return b'"' + sha256(told.body).hexdigest()[:32].encode() + b'"'


def _disclosure(asked: Asked, caller: Fact[Submitter], tag: bytes | None, versions: dict[str, int]) -> Disclosure:
    """That what this tag stands for is unchanged; None: that there is no claim."""
    return Disclosure(
        submitter=caller.value,
        received_at=asked.received_at,
        target=asked.target,
        asked=Transaction.CLAIM_STATUS,
        said=Said.NOT_FOUND if tag is None else Said.UNCHANGED,
        answer=_NO_CLAIM.body if tag is None else tag,
        versions=versions,
    )


def _no_claim(sent: Sent) -> Answer:
    return Answer(_NO_CLAIM.status, _NO_CLAIM.headers, _NO_CLAIM.body, sent)


def _unchanged(tag: bytes, statuses: Iterable[Status], sent: Sent) -> Answer:
    return Answer(HTTPStatus.NOT_MODIFIED, [(b"etag", tag), *_hints(statuses)], b"", sent)


def _told(reply: Reply, answer: ClaimStatusAnswer, tag: bytes | None, now: datetime) -> Answer:
    """An answer; only one that says something of claims can be unchanged the next time."""
    outcome = (b"x-edi-outcome", reply.outcome.encode())
    closure = closure_of(reply.responses)
    if closure is not None:
        told = replace(tell_answer(answer), reason=closure.reason.value, opens_at=opens_at(closure))
        return json_answer(told, [outcome, *closure_headers(closure, now), _ASKED_AGAIN], reply.sent)
    headers = [outcome, *_hints(answer.statuses)]
    if tag is not None and reply.outcome is Outcome.CLAIM_STATUS:
        headers.append((b"etag", tag))
    return json_answer(tell_answer(answer), headers, reply.sent)


def _hints(statuses: Iterable[Status]) -> Headers:
    """When to ask again, and that whoever keeps the answer asks before using it."""
    seconds = int(ask_again_after(statuses).total_seconds())
    return [(b"retry-after", str(seconds).encode()), _ASKED_AGAIN]
