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

_UNKNOWN = Refused(
    Refusal.NOT_FOUND,
    Document(Refusal.NOT_FOUND, HTTPStatus.NOT_FOUND, "No review that you may ask about has this number."),
)
"""Also where it is somebody else's."""
_encoder = Encoder()
_failures = Failures(logging.getLogger(__name__), "an answer about reviews failed")


def review_routes(
    callers: Callers,
    office: ReviewOffice,
    asker: ReviewAsker,
    in_work: InWork,
    metrics: Metrics,
    limits: Limits,
    clock: Clock = system_clock,
) -> APIRouter:
    """The routes of reviews."""
    router = APIRouter()

    @router.post(REVIEWS_PATH)
    async def ask(request: Request) -> Response:
        """Ask for a review, as a 278 does."""
        return await _answered(_ask(request, callers, asker, in_work, clock, limits), metrics, limits)

    @router.get(REVIEWS_PATH)
    async def waiting(request: Request) -> Response:
        """The reviews that wait for a reviewer, those received first in front."""
        return await _answered(_waiting(request, callers, office, clock), metrics, limits)

    @router.get(f"{REVIEWS_PATH}/{{number}}")
    async def review(number: str, request: Request) -> Response:
        """The review with this certification number or administrative reference."""
        return await _answered(_review(number, request, callers, office, clock), metrics, limits)

    @router.post(f"{REVIEWS_PATH}/{{number}}/decision")
    async def decision(number: str, request: Request) -> Response:
        """Decide a pended review."""
        return await _answered(_decide(number, request, callers, office, clock, limits), metrics, limits)

    return router


async def _ask(
    request: Request, callers: Callers, asker: ReviewAsker, in_work: InWork, clock: Clock, limits: Limits
) -> Response:
    received_at = clock()
    submitter = await callers.submitter(request)
    data = await read_json(request, limits)
    with in_work.place(submitter.value.submitter_id):
        asked = await asker.ask(data, submitter, received_at)
    response = _json(asked.told, asked.standing)
    response.headers["x-edi-outcome"] = asked.told.meta.outcome
    if asked.standing is not None:
        response.headers["location"] = f"{REVIEWS_PATH}/{asked.standing.record.administrative_reference}"
    for name, value in asked.headers:
        response.headers[name.decode()] = value.decode()

    async def note_sent() -> None:
        asked.sent(clock())

    response.background = BackgroundTask(note_sent)
    return response


async def _waiting(request: Request, callers: Callers, office: ReviewOffice, clock: Clock) -> Response:
    await callers.reviewer(request)
    after, most = _page(request)
    found = await office.waiting(after, most + 1)
    now = clock()
    told = tuple([tell_waiting(standing, now) for standing in found[:most]])
    return _json(WaitingReviews(told, told[-1].reference if len(found) > most else None))


async def _review(number: str, request: Request, callers: Callers, office: ReviewOffice, clock: Clock) -> Response:
    caller = await callers.caller(request)
    if isinstance(caller, Reviewer):
        standing = await office.find(number)
    else:
        standing = await office.find_own(number, caller, clock())
    if standing is None:
        raise _UNKNOWN
    told = tell_file(standing) if isinstance(caller, Reviewer) else tell_standing(standing)
    return _json(told, standing)


async def _decide(
    number: str, request: Request, callers: Callers, office: ReviewOffice, clock: Clock, limits: Limits
) -> Response:
    reviewer = await callers.reviewer(request)
    verdict = read_decision(await read_json(request, limits))
    try:
        standing = await office.decide(number, reviewer, verdict, _version(request), clock())
    except NoReview:
        raise _UNKNOWN from None
    except KeyRevoked:
        raise Refused(Refusal.CREDENTIALS_UNKNOWN) from None
    except ReviewChanged:
        raise Refused(Refusal.CHANGED) from None
    except VerdictRefused as refused:
        raise refused_verdict(refused) from None
    return _json(tell_file(standing), standing)


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


async def _answered(answering: Awaitable[Response], metrics: Metrics, limits: Limits) -> Response:
    """The answer, or the refusal that there is instead."""
    try:
        async with asyncio.timeout(limits.answer_s_max):
            return await answering
    except HungUp:
        # Which nobody reads.
        return Response()
    except (Exception, asyncio.CancelledError) as error:
        refused = _failures.refusal(error)
    metrics.refusals(refused.refusal).inc()
    return refusal(refused.document or DOCUMENTS[refused.refusal])


def _json(told: object, standing: Standing | None = None) -> Response:
    tag = {} if standing is None else {"etag": f'"{standing.record.version}"'}
    return Response(_encoder.encode(told), media_type="application/json", headers={"cache-control": "no-store", **tag})
