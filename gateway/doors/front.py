"""Where all HTTP requests arrive: ``/x12`` goes straight to its door, the rest through the FastAPI application."""

import logging

from gateway.doors.asgi import Application, Message, Receive, Scope, Send, refuse
from gateway.doors.refusals import Refusal
from gateway.logs import log
from gateway.metrics import Metrics

logger = logging.getLogger(__name__)

X12_PATH = "/x12"


def build_front(x12: Application, others: Application, metrics: Metrics) -> Application:
    """The one ASGI callable that the server runs; no exception leaves it."""

    async def front(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == X12_PATH:
            await x12(scope, receive, send)
        else:
            await _guarded(others, metrics, scope, receive, send)

    return front


async def _guarded(application: Application, metrics: Metrics, scope: Scope, receive: Receive, send: Send) -> None:
    started = False

    async def note(message: Message) -> None:
        nonlocal started
        started = True
        await send(message)

    try:
        await application(scope, receive, note)
    except Exception as bug:
        log(logger, logging.ERROR, "a request failed", bug)
        metrics.refusals(Refusal.OUR_FAULT).inc()
        if not started:
            await refuse(send, Refusal.OUR_FAULT)
