"""``GET /v1/reviews/{number}``: how a review stands, for the submitter that asked for it."""

import asyncio
from http import HTTPStatus

import orjson
from fastapi import APIRouter, Request, Response

from edi.errors import Outage
from gateway.clock import Clock, system_clock
from gateway.doors.explain import authenticated, refusal
from gateway.doors.keys import BearerKeys
from gateway.doors.refusals import DOCUMENTS, Document, Refusal, Refused
from gateway.limits import Limits
from gateway.review_telling import ReviewTeller
from gateway.store.facts import FactStore

_UNKNOWN = Document(Refusal.NOT_FOUND, HTTPStatus.NOT_FOUND, "No review that you may ask about has this number.")
"""Also where it is somebody else's."""


def review_routes(
    keys: BearerKeys, facts: FactStore, teller: ReviewTeller, limits: Limits, clock: Clock = system_clock
) -> APIRouter:
    """The route of reviews."""
    router = APIRouter()

    @router.get("/v1/reviews/{number}")
    async def review(number: str, request: Request) -> Response:
        """The review with this certification number or administrative reference."""
        try:
            async with asyncio.timeout(limits.answer_s_max):
                caller = await authenticated(request, keys, facts)
                told = await teller.tell(number, caller, clock())
        except Refused as refused:
            return refusal(DOCUMENTS[refused.refusal])
        except Outage:
            return refusal(DOCUMENTS[Refusal.OUTAGE])
        except TimeoutError:
            return refusal(DOCUMENTS[Refusal.OUT_OF_TIME])
        if told is None:
            return refusal(_UNKNOWN)
        return Response(orjson.dumps(told), media_type="application/json", headers={"cache-control": "no-store"})

    return router
