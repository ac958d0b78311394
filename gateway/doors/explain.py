"""``GET /v1/explain/{number}``: why an answer was what it was, for the submitter that asked, always masked."""

import asyncio
from http import HTTPStatus

import msgspec
from fastapi import FastAPI, Request, Response

from edi.errors import Outage
from gateway.doors.keys import BearerKeys
from gateway.doors.refusals import DOCUMENTS, Document, Refusal, Refused
from gateway.explaining.explainer import Explainer
from gateway.limits import Limits
from gateway.store.facts import Fact, FactStore
from gateway.store.records import InquiryForgotten
from rules.facts import Submitter

_UNKNOWN = Document(Refusal.NOT_FOUND, HTTPStatus.NOT_FOUND, "No answer that you were given has this number.")
"""Also where it was given to somebody else."""
_NEVER_KEPT = {"cache-control": "no-store"}


def add_explaining(
    application: FastAPI, keys: BearerKeys, facts: FactStore, explainer: Explainer, limits: Limits
) -> None:
    """Let submitters ask the application for explanations."""

    @application.get("/v1/explain/{number}")
    async def explain(number: str, request: Request) -> Response:
        """The explanation of the answer with this trace number (TRN02) or interchange control number (ISA13)."""
        try:
            async with asyncio.timeout(limits.answer_s_max):
                caller = await authenticated(request, keys, facts)
                explanation = await explainer.explain(number, caller.submitter_id)
        except Refused as refused:
            return refusal(DOCUMENTS[refused.refusal])
        except InquiryForgotten:
            return refusal(DOCUMENTS[Refusal.NOT_KEPT])
        except Outage:
            return refusal(DOCUMENTS[Refusal.OUTAGE])
        except TimeoutError:
            return refusal(DOCUMENTS[Refusal.OUT_OF_TIME])
        if explanation is None:
            return refusal(_UNKNOWN)
        return Response(msgspec.json.encode(explanation), media_type="application/json", headers=_NEVER_KEPT)


async def authenticated(request: Request, keys: BearerKeys, facts: FactStore) -> Submitter:
    """Who asks, as PostgreSQL has it now: no audit record will confirm what a cache said."""
    authorization = request.headers.get("authorization")
    caller = await keys.authenticate(None if authorization is None else authorization.encode("latin-1"))
    present: Fact[Submitter | None] = (await facts.read_past_caches([caller.key]))[caller.key]
    if present.version != caller.version:
        await facts.drop([caller.key])
        caller = await keys.authenticate(authorization.encode("latin-1") if authorization else None)
    return caller.value


def refusal(document: Document) -> Response:
    """A refusal from the FastAPI application."""
    return Response(document.body, document.status, {name.decode(): value.decode() for name, value in document.headers})
