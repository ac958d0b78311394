"""Requests of a batch: answered when they come, or held while their function is closed and answered when it opens.

Who takes a batch apart hands over each request as an interchange of its own, with a reference by which the batch knows
it. A request that is held is on record before that is said. It is answered as of its release, when entitlements and
coverage count as they are then, and its receipt stays the moment at which it came. Should the process die meanwhile,
another answers again: a review is on file by then, its reply is repeated byte for byte, and the first answer is kept.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from edi.claim_status import ClaimStatusRequest
from edi.eligibility import EligibilityRequest
from edi.errors import Outage
from edi.services_review import ReviewRequest
from gateway.clock import Clock, system_clock
from gateway.exchange import CredentialWithdrawn
from gateway.logs import log
from gateway.metrics import Metrics
from gateway.pipeline import Reply
from gateway.store.fact import Fact
from gateway.store.facts import FactStore
from gateway.store.held_requests import HeldRegister, HeldRequest, HeldResult
from parsers import parse
from parsers.inquiries import Request
from rules.facts import Function, Submitter, SubmitterStatus
from rules.facts.service_hours import Mode, ServiceCalendar
from rules.service_hours import Course, receipt

EVERY_S = 15.0
PAGE = 64
AT_ONCE = 8
WITHDRAWN = "withdrawn"
"""The outcome of a held request whose submitter may not ask any more: nothing is answered."""

_FUNCTIONS: dict[type[Request], Function] = {
    EligibilityRequest: Function.ELIGIBILITY,
    ClaimStatusRequest: Function.CLAIM_STATUS,
    ReviewRequest: Function.PRECERTIFICATION,
}

logger = logging.getLogger(__name__)


class BatchPipeline(Protocol):
    """Answers single requests of a batch."""

    async def answer_batched(
        self, data: bytes, submitter: Fact[Submitter], received_at: datetime, moment: datetime | None = None
    ) -> Reply:
        """The answer as of ``moment``, that of receipt where none is given."""


@dataclass(frozen=True, slots=True)
class Held:
    """A request that waits."""

    held_id: int
    opens_at: datetime
    """When it is to be answered."""


class HoldingDesk:
    """Takes the requests of batches; any number of processes may, on one database."""

    def __init__(
        self,
        pipeline: BatchPipeline,
        facts: FactStore,
        register: HeldRegister,
        read_calendar: Callable[[], Awaitable[ServiceCalendar]],
        metrics: Metrics,
    ) -> None:
        self._pipeline = pipeline
        self._facts = facts
        self._register = register
        self._read_calendar = read_calendar
        self._metrics = metrics

    async def take(
        self, data: bytes, submitter: Fact[Submitter], received_at: datetime, reference: str
    ) -> Reply | Held:
        """The answer to one request of a batch, or, where the operator lets it wait, until when.

        Args:
            data: an interchange.
            submitter: whose credential came with the batch.
            received_at: when the batch came; aware.
            reference: of the request, unique for the submitter; the same again is held once.

        Raises:
            Outage: the request cannot be held or its answer not be made durable.
            CredentialWithdrawn: the submitter's credential does not hold any more.
            CallerError: the submitter's reference is another request's.
        """
        opens_at = _held_until(data, await self._read_calendar(), received_at)
        if opens_at is None:
            return await self._pipeline.answer_batched(data, submitter, received_at)
        submitter_id = submitter.value.submitter_id
        held_id = await self._register.hold(submitter_id, reference, submitter.key, received_at, data, opens_at)
        return Held(held_id, opens_at)

    async def result(self, submitter_id: str, reference: str) -> HeldResult | None:
        """What has become of a held request; raises Outage."""
        return await self._register.result(submitter_id, reference)

    async def run(self, clock: Clock = system_clock, every_s: float = EVERY_S) -> None:
        """Answer what is due every ``every_s`` seconds until cancelled; what fails is tried again the next time."""
        while True:
            try:
                await self.release(clock())
                self._metrics.show_held(await self._register.waiting())
            except Outage as outage:
                log(logger, logging.WARNING, "held requests cannot be answered", outage)
            await asyncio.sleep(every_s)

    async def release(self, now: datetime) -> int:
        """Answer the held requests whose function is open now; gives how many. Nothing while another process does.

        Raises:
            Outage: PostgreSQL does not answer; what has not been answered still waits.
        """
        answered = 0
        async with self._register.turn() as is_ours:
            page = await self._register.due(now, 0, PAGE) if is_ours else ()
            while page:
                for start in range(0, len(page), AT_ONCE):
                    answered += await self._release_all(page[start : start + AT_ONCE], now)
                page = await self._register.due(now, page[-1].held_id, PAGE)
        return answered

    async def _release_all(self, at_once: Sequence[HeldRequest], now: datetime) -> int:
        """Answer some at the same time. One that a fault of ours leaves unanswered waits on and keeps up no other."""
        outcomes = await asyncio.gather(*(self._release(held, now) for held in at_once), return_exceptions=True)
        for held, outcome in zip(at_once, outcomes, strict=True):
            if isinstance(outcome, Outage) or (
                isinstance(outcome, BaseException) and not isinstance(outcome, Exception)
            ):
                raise outcome
            if isinstance(outcome, Exception):
                log(logger, logging.ERROR, "a held request could not be answered", outcome, held_id=held.held_id)
        return outcomes.count(True)

    async def _release(self, held: HeldRequest, now: datetime) -> bool:
        """Answer one, or let it wait on where the function has been closed again; whether it is answered."""
        opens_at = _held_until(held.payload, await self._read_calendar(), now)
        if opens_at is not None:
            await self._register.postpone(held.held_id, opens_at)
            return False
        submitter = await self._submitter(held)
        await self._register.release(held.held_id, now)
        if submitter is None:
            await self._register.answer(held.held_id, WITHDRAWN, b"")
            return True
        try:
            reply = await self._pipeline.answer_batched(held.payload, submitter, held.received_at, now)
        except CredentialWithdrawn:
            return False  # the next time another credential of the submitter's is looked for
        await self._register.answer(held.held_id, reply.outcome, reply.body)
        return True

    async def _submitter(self, held: HeldRequest) -> Fact[Submitter] | None:
        """Who asked, by the credential of then or another of the submitter's; None where it has none any more."""
        for key in (held.credential_key, await self._register.credential(held.submitter_id)):
            if key is None:
                continue
            fact: Fact[Submitter | None] = (await self._facts.read_past_caches([key]))[key]
            if fact.value is not None and fact.value.status is SubmitterStatus.ACTIVE:
                return Fact(fact.key, fact.version, fact.value, fact.kind)
        return None


def _held_until(data: bytes, calendar: ServiceCalendar, moment: datetime) -> datetime | None:
    """Until when a request that comes at ``moment`` is held; None: it is answered, or refused, at once."""
    receipts = {function: receipt(calendar, function, moment, Mode.BATCH) for function in calendar.held_in_batch}
    if all(each.course is not Course.HOLD for each in receipts.values()):
        return None
    asked = {_FUNCTIONS[type(request)] for request in parse(data).requests}
    held = [receipts[function] for function in asked if function in receipts]
    return max((each.opens_at for each in held if each.course is Course.HOLD and each.opens_at), default=None)
