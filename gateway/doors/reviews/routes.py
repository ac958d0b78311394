"""The routes of reviews: which wait, how one stands, and a reviewer's decision."""

import asyncio
import logging
from collections.abc import Awaitable
from http import HTTPStatus

from fastapi import APIRouter, Request, Response
from msgspec.json import Encoder
from starlette.background import BackgroundTask

from gateway.clock import Clock, system_clock
from gateway.doors.eligibility.faults import Fault, refused_fields
from gateway.doors.explain import refusal
from gateway.doors.failures import Failures, HungUp
from gateway.doors.real_time import InWork
from gateway.doors.refusals import DOCUMENTS, Document, Refusal, Refused
from gateway.doors.reviews.asking import ReviewAsker
from gateway.doors.reviews.bodies import read_json
from gateway.doors.reviews.callers import Callers
from gateway.doors.reviews.decision import read_decision, refused_verdict
from gateway.doors.reviews.response import WaitingReviews
from gateway.doors.reviews.telling import tell_file, tell_standing, tell_waiting
from gateway.limits import Limits
from gateway.metrics import Metrics
from gateway.review_desk import ReviewChanged, VerdictRefused
from gateway.review_office import ReviewOffice, Standing
from gateway.store.limits import REVIEWS_PER_PAGE
from gateway.store.review_desk import KeyRevoked, NoReview
from gateway.store.reviewers import Reviewer

REVIEWS_PATH = "/v1/reviews"

_UNKNOWN = Document(Refusal.NOT_FOUND, HTTPStatus.NOT_FOUND, "No review that you may ask about has this number.")
"""Also where it is somebody else's."""
_encoder = Encoder()
_failures = Failures(logging.getLogger(__name__), "an answer about reviews failed")


class ReviewDoor:
    """What is answered about reviews; one for the process."""

    def __init__(
        self,
        callers: Callers,
        office: ReviewOffice,
        asker: ReviewAsker,
        in_work: InWork,
        metrics: Metrics,
        limits: Limits,
        clock: Clock = system_clock,
    ) -> None:
        self._callers = callers
        self._office = office
        self._asker = asker
        self._in_work = in_work
        self._metrics = metrics
        self._limits = limits
        self._clock = clock

    async def ask(self, request: Request) -> Response:
        """A submitter asks for a review."""
        received_at = self._clock()
        submitter = await self._callers.submitter(request)
        data = await read_json(request, self._limits)
        with self._in_work.place(submitter.value.submitter_id):
            asked = await self._asker.ask(data, submitter, received_at)
        response = _json(asked.told, asked.standing)
        response.headers["x-edi-outcome"] = asked.told.meta.outcome
        if asked.standing is not None:
            response.headers["location"] = f"{REVIEWS_PATH}/{asked.standing.record.administrative_reference}"
        for name, value in asked.headers:
            response.headers[name.decode()] = value.decode()

        async def note_sent() -> None:
            asked.sent(self._clock())

        response.background = BackgroundTask(note_sent)
        return response

    async def list_waiting(self, request: Request) -> Response:
        """A reviewer wants to know what waits."""
        await self._callers.reviewer(request)
        after, most = _page(request)
        found = await self._office.waiting(after, most + 1)
        now = self._clock()
        told = tuple([tell_waiting(standing, now) for standing in found[:most]])
        return _json(WaitingReviews(told, told[-1].reference if len(found) > most else None))

    async def tell(self, number: str, request: Request) -> Response:
        """A submitter or a reviewer wants to know how a review stands."""
        caller = await self._callers.caller(request)
        if isinstance(caller, Reviewer):
            standing = await self._office.find(number)
        else:
            standing = await self._office.find_own(number, caller, self._clock())
        if standing is None:
            raise _unknown()
        told = tell_file(standing) if isinstance(caller, Reviewer) else tell_standing(standing)
        return _json(told, standing)

    async def decide(self, number: str, request: Request) -> Response:
        """A reviewer decides."""
        reviewer = await self._callers.reviewer(request)
        verdict = read_decision(await read_json(request, self._limits))
        try:
            standing = await self._office.decide(number, reviewer, verdict, _version(request), self._clock())
        except NoReview:
            raise _unknown() from None
        except KeyRevoked:
            raise Refused(Refusal.CREDENTIALS_UNKNOWN) from None
        except ReviewChanged:
            raise Refused(Refusal.CHANGED) from None
        except VerdictRefused as refused:
            raise refused_verdict(refused) from None
        return _json(tell_file(standing), standing)

    async def answered(self, answering: Awaitable[Response]) -> Response:
        """The answer, or the refusal that there is instead."""
        try:
            async with asyncio.timeout(self._limits.answer_s_max):
                return await answering
        except HungUp:
            # Which nobody reads.
            return Response()
        except (Exception, asyncio.CancelledError) as error:
            refused = _failures.refusal(error)
        self._metrics.refusals(refused.refusal).inc()
        return refusal(refused.document or DOCUMENTS[refused.refusal])


def review_routes(door: ReviewDoor) -> APIRouter:
    """The routes of reviews."""
    router = APIRouter()

    @router.post(REVIEWS_PATH)
    async def ask(request: Request) -> Response:
        """Ask for a review, as a 278 does."""
        return await door.answered(door.ask(request))

    @router.get(REVIEWS_PATH)
    async def waiting(request: Request) -> Response:
        """The reviews that wait for a reviewer, those received first in front."""
        return await door.answered(door.list_waiting(request))

    @router.get(f"{REVIEWS_PATH}/{{number}}")
    async def review(number: str, request: Request) -> Response:
        """The review with this certification number or administrative reference."""
        return await door.answered(door.tell(number, request))

    @router.post(f"{REVIEWS_PATH}/{{number}}/decision")
    async def decision(number: str, request: Request) -> Response:
        """Decide a pended review."""
        return await door.answered(door.decide(number, request))

    return router


def _unknown() -> Refused:
    return Refused(Refusal.NOT_FOUND, _UNKNOWN)


def _page(request: Request) -> tuple[str, int]:
    """After which review, and how many; the parameters ``after`` and ``limit``."""
    parameters = request.query_params
    faults = [Fault(name, "Is not a parameter") for name in parameters if name not in ("after", "limit")]
    limit = parameters.get("limit", str(REVIEWS_PER_PAGE))
    if not (limit.isascii() and limit.isdigit() and len(limit) < 4 and 1 <= int(limit) <= REVIEWS_PER_PAGE):
        faults.append(Fault("limit", f"Is from 1 to {REVIEWS_PER_PAGE}"))
    if faults:
        raise refused_fields(Refusal.FIELDS, HTTPStatus.UNPROCESSABLE_ENTITY, faults)
    return parameters.get("after", ""), int(limit)


def _version(request: Request) -> int | None:
    """The version that ``If-Match`` names (RFC 9110, 13.1.1); None where any will do."""
    tags = [tag.strip().strip('"') for tag in request.headers.get("if-match", "*").split(",")]
    if "*" in tags:
        return None
    known = [int(tag) for tag in tags if tag.isascii() and tag.isdigit() and len(tag) < 10]
    if not known:
        raise Refused(Refusal.CHANGED)
    return known[0]


def _json(told: object, standing: Standing | None = None) -> Response:
    tag = {} if standing is None else {"etag": f'"{standing.record.version}"'}
    return Response(_encoder.encode(told), media_type="application/json", headers={"cache-control": "no-store", **tag})
