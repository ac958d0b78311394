"""The bodies of requests to the routes of reviews."""

from fastapi import Request
from starlette.requests import ClientDisconnect

from gateway.doors.eligibility.answering import JSON
from gateway.doors.failures import HungUp
from gateway.doors.refusals import Refusal, Refused
from gateway.limits import Limits


async def read_json(request: Request, limits: Limits) -> bytes:
    """The whole body of a request that says it is JSON, as far as the limit allows.

    Raises:
        Refused: it is too large, encoded or of another type.
        HungUp: the client went.
    """
    fields = request.headers
    if fields.get("content-type", "").partition(";")[0].strip().lower() != JSON.media_type.decode():
        raise Refused(Refusal.MEDIA_TYPE, JSON.others_refused)
    if fields.get("content-encoding", "identity").lower() != "identity":
        raise Refused(Refusal.CONTENT_ENCODING)
    parts, size = [], 0
    try:
        async for part in request.stream():
            size += len(part)
            if size > limits.interchange_bytes_max:
                raise Refused(Refusal.TOO_LARGE)
            parts.append(part)
    except ClientDisconnect:
        raise HungUp from None
    return b"".join(parts)
