"""The part of ASGI that a plain door needs."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from gateway.doors.refusals import DOCUMENTS, Document, Headers, Refusal

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]


async def respond(send: Send, status: int, headers: Headers, body: bytes) -> None:
    """Send a whole response."""
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def refuse(send: Send, refusal: Refusal, document: Document | None = None) -> None:
    """Send a refusal's problem document: ``document``, or else the ready one."""
    document = document or DOCUMENTS[refusal]
    await respond(send, document.status, document.headers, document.body)
