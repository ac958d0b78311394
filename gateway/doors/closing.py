"""What HTTP adds to an answer that says that a function is closed: until when, and when to come back."""

from collections.abc import Sequence
from datetime import datetime
from http import HTTPStatus
from math import ceil

from edi.errors import Outage
from gateway.doors.refusals import DOCUMENTS, RETRY_AFTER, Document, Headers, Refusal, Refused
from gateway.exchange import Closure, Response


def closure_of(responses: Sequence[Response]) -> Closure | None:
    """Why the function is closed that these answers are of, if one of them says so."""
    return next((response.closure for response in responses if response.closure is not None), None)


def closure_headers(closure: Closure | None, now: datetime) -> Headers:
    """``Retry-After``: the seconds until the function opens; none where it is not closed."""
    if closure is None:
        return []
    if closure.opens_at is None:
        return [RETRY_AFTER]
    seconds = ceil((closure.opens_at - now).total_seconds())
    return [(b"retry-after", str(max(1, seconds)).encode())]


def refused_while_closed(outage: Outage, closure: Closure | None, now: datetime) -> Exception:
    """What an outage is told as: the outage itself, or while the function is closed anyway until when it is."""
    return outage if closure is None else Refused(Refusal.OUTAGE, _closed_outage(closure, now))


def opens_at(closure: Closure | None) -> str:
    """The next opening in ISO 8601 with its offset; empty where it is open, or nobody knows."""
    return "" if closure is None or closure.opens_at is None else closure.opens_at.isoformat()


def _closed_outage(closure: Closure, now: datetime) -> Document:
    members = {"reason": closure.reason.value, "opensAt": opens_at(closure)}
    ready = DOCUMENTS[Refusal.OUTAGE]
    status = HTTPStatus(ready.status)
    return Document(Refusal.OUTAGE, status, ready.detail, *closure_headers(closure, now), members=members)
