"""Where all HTTP requests arrive: a door's path goes straight to it, the rest through the FastAPI application."""

import logging
from collections.abc import Mapping

from gateway.doors.asgi import Application, Message, Receive, Scope, Send, refuse
from gateway.doors.refusals import Refusal
from gateway.logs import log
from gateway.metrics import Metrics

logger = logging.getLogger(__name__)


def build_front(doors: Mapping[str, Application], others: Application, metrics: Metrics) -> Application:
    """The one ASGI callable that the server runs; no exception leaves it.

    Args:
        doors: by path, or by the path before a last part when that ends with a slash; they raise nothing.
        others: for every other path.
    """

    async def front(scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope["path"]
        door = doors.get(path) or doors.get(path[: path.rfind("/") + 1])
        if door is not None:
            await door(scope, receive, send)
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
