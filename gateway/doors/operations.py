"""What operators, their probes and developers ask: ``/livez``, ``/metrics``, ``/status.json``, ``/openapi.json``."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from importlib.metadata import version

import orjson
from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException

from gateway.clock import Clock, system_clock
from gateway.doors.openapi import openapi_document
from gateway.doors.refusals import DOCUMENTS, Refusal
from gateway.limits import Limits
from gateway.metrics import Metrics

Ready = Callable[[], Awaitable[bool]]
"""Asks everything that an answer needs whether it is there."""

PLAIN_TEXT = "text/plain; version=0.0.4; charset=utf-8"
REFUSAL_OF_STATUS = {404: Refusal.NOT_FOUND, 405: Refusal.METHOD}


def build_operations(ready: Ready, metrics: Metrics, limits: Limits, clock: Clock = system_clock) -> FastAPI:
    """The FastAPI application for everything that is not the hot path."""
    application = FastAPI(title="edi-gateway", docs_url=None, redoc_url=None, openapi_url=None)
    started_at = clock()

    @application.api_route("/livez", methods=["GET", "HEAD"])
    async def livez() -> Response:
        """Whether this process turns its event loop."""
        return _json({"status": "alive"})

    @application.api_route("/readyz", methods=["GET", "HEAD"])
    async def readyz() -> Response:
        """Whether a request sent now would be answered."""
        return _json({"status": "ready"}) if await _is_ready(ready, limits) else _problem(Refusal.OUTAGE)

    @application.get("/metrics")
    async def exposition() -> Response:
        """All workers' figures for Prometheus."""
        metrics.flush()
        text = await asyncio.to_thread(metrics.exposition)
        return Response(text, headers={"content-type": PLAIN_TEXT})

    @application.get("/status.json")
    async def status() -> Response:
        """What runs here, for people and dashboards."""
        return _json(_status(started_at, clock(), await _is_ready(ready, limits)))

    @application.get("/openapi.json")
    async def openapi() -> Response:
        """What the JSON doors take and give."""
        return Response(openapi_document(), media_type="application/json")

    @application.exception_handler(HTTPException)
    async def problem(request: Request, error: HTTPException) -> Response:
        del request
        return _problem(REFUSAL_OF_STATUS.get(error.status_code, Refusal.MALFORMED), error.headers)

    @application.exception_handler(Exception)
    async def fault(request: Request, error: Exception) -> Response:
        del request, error
        return _problem(Refusal.OUR_FAULT)

    return application


async def _is_ready(ready: Ready, limits: Limits) -> bool:
    try:
        async with asyncio.timeout(limits.readiness_s_max):
            return await ready()
    except TimeoutError:
        return False


def _status(started_at: datetime, now: datetime, is_ready: bool) -> dict[str, object]:
    return {
        "name": "edi-gateway",
        "version": version("edi-gateway"),
        "ready": is_ready,
        "started_at": started_at.isoformat(timespec="seconds"),
        "up_seconds": round((now - started_at).total_seconds()),
    }


def _json(value: dict[str, object]) -> Response:
    return Response(orjson.dumps(value), media_type="application/json")


def _problem(refusal: Refusal, headers: object = None) -> Response:
    document = DOCUMENTS[refusal]
    fields = {name.decode(): value.decode() for name, value in document.headers}
    if isinstance(headers, dict) and "Allow" in headers:
        fields["allow"] = headers["Allow"]
    return Response(document.body, document.status, fields)
