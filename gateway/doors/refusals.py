"""What a door refuses, each a ready answer: status, header fields and RFC 9457 problem document."""

from collections.abc import Mapping
from enum import StrEnum
from http import HTTPStatus
from types import MappingProxyType
from typing import Final

import orjson

from gateway.limits import Limits

Headers = list[tuple[bytes, bytes]]

RETRY_AFTER: Final = (b"retry-after", str(Limits().retry_after_s).encode())
CLOSE: Final = (b"connection", b"close")


class Refusal(StrEnum):
    """Why HTTP refuses; the value is the last part of the problem document's ``type`` and a metric's label."""

    MALFORMED = "malformed-request"
    CREDENTIALS_MISSING = "credentials-missing"
    CREDENTIALS_UNKNOWN = "credentials-unknown"
    SUBMITTERS_ONLY = "submitters-only"
    REVIEWERS_ONLY = "reviewers-only"
    NOT_FOUND = "not-found"
    METHOD = "method-not-allowed"
    TOO_SLOW = "request-too-slow"
    TOO_LARGE = "body-too-large"
    MEDIA_TYPE = "media-type"
    CONTENT_ENCODING = "content-encoding"
    NOT_JSON = "not-json"
    FIELDS = "invalid-fields"
    GUIDE = "refused-by-guide"
    CURSOR = "not-a-cursor"
    CURSOR_TOO_OLD = "cursor-too-old"
    NOT_KEPT = "not-kept"
    NOT_PENDED = "not-pended"
    CHANGED = "changed-meanwhile"
    TOO_MANY = "too-many-requests"
    HEAD_TOO_LARGE = "head-too-large"
    BUSY = "busy"
    TOO_MANY_CONNECTIONS = "too-many-connections"
    OUTAGE = "outage"
    OUT_OF_TIME = "out-of-time"
    STOPPING = "stopping"
    OUR_FAULT = "our-fault"


class Refused(Exception):  # noqa: N818 - a way out of the door, not a mistake
    """Ends a request with a refusal."""

    def __init__(self, refusal: Refusal, document: "Document | None" = None) -> None:
        super().__init__(refusal.value)
        self.refusal = refusal
        self.document = document
        """Where it says more than the refusal's ready answer."""


class Document:
    """A refusal as HTTP: ``status``, ``headers`` and ``body`` for ASGI, and whole as ``response`` for a raw socket."""

    __slots__ = ("body", "detail", "headers", "response", "status")

    def __init__(
        self,
        refusal: Refusal,
        status: HTTPStatus,
        detail: str,
        *extra: tuple[bytes, bytes],
        members: Mapping[str, object] = MappingProxyType({}),
    ) -> None:
        """Make the document.

        Args:
            refusal: its type.
            status: of the response.
            detail: a sentence for people.
            extra: further header fields.
            members: further members of the problem document (RFC 9457, 3.2).
        """
        problem = {
            "type": f"urn:edi-gateway:problem:{refusal.value}",
            "title": status.phrase,
            "status": status.value,
            "detail": detail,
            **members,
        }
        self.detail = detail
        self.status = status.value
        self.body = orjson.dumps(problem)
        self.headers: Headers = [
            (b"content-type", b"application/problem+json"),
            (b"content-length", str(len(self.body)).encode()),
            *extra,
        ]
        lines = [f"HTTP/1.1 {status.value} {status.phrase}".encode()]
        lines += [name + b": " + value for name, value in self.headers if (name, value) != CLOSE]
        self.response = b"\r\n".join([*lines, b"connection: close", b"", self.body])


_ROWS: tuple[tuple[Refusal, HTTPStatus, str, tuple[tuple[bytes, bytes], ...]], ...] = (
    (Refusal.MALFORMED, HTTPStatus.BAD_REQUEST, "This is not HTTP/1.1.", ()),
    (
        Refusal.CREDENTIALS_MISSING,
        HTTPStatus.UNAUTHORIZED,
        "Send your API key in the header field 'Authorization: Bearer <key>'.",
        ((b"www-authenticate", b'Bearer realm="edi-gateway"'),),
    ),
    (
        Refusal.CREDENTIALS_UNKNOWN,
        HTTPStatus.UNAUTHORIZED,
        "This API key is not known or no longer valid.",
        ((b"www-authenticate", b'Bearer realm="edi-gateway", error="invalid_token"'),),
    ),
    (
        Refusal.SUBMITTERS_ONLY,
        HTTPStatus.FORBIDDEN,
        "This is a reviewer's API key, which decides reviews; to ask, send a submitter's.",
        (),
    ),
    (
        Refusal.REVIEWERS_ONLY,
        HTTPStatus.FORBIDDEN,
        "This is a submitter's API key, which asks; to decide reviews, send a reviewer's.",
        (),
    ),
    (Refusal.NOT_FOUND, HTTPStatus.NOT_FOUND, "Nothing is here; X12 goes to /x12.", ()),
    (
        Refusal.METHOD,
        HTTPStatus.METHOD_NOT_ALLOWED,
        "Send a request with POST.",
        ((b"allow", b"POST"),),
    ),
    (Refusal.TOO_SLOW, HTTPStatus.REQUEST_TIMEOUT, "The request did not arrive whole in time.", (CLOSE,)),
    (
        Refusal.TOO_LARGE,
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "The body is larger than one real-time request may be; send it as a batch.",
        (),
    ),
    (
        Refusal.MEDIA_TYPE,
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        "Send X12 with the header field 'Content-Type: application/edi-x12'.",
        ((b"accept", b"application/edi-x12"),),
    ),
    (
        Refusal.CONTENT_ENCODING,
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        "Send the body without a content encoding.",
        ((b"accept-encoding", b"identity"),),
    ),
    (
        Refusal.NOT_JSON,
        HTTPStatus.BAD_REQUEST,
        "The body is not JSON in UTF-8.",
        (),
    ),
    (
        Refusal.FIELDS,
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "Some fields of the request are not as the schema has them; see /openapi.json.",
        (),
    ),
    (
        Refusal.GUIDE,
        HTTPStatus.BAD_REQUEST,
        "Some fields of the request hold what the X12 guide does not allow.",
        (),
    ),
    (
        Refusal.CURSOR,
        HTTPStatus.BAD_REQUEST,
        "This is no cursor of yours: send the one that you were last given as it was.",
        (),
    ),
    (
        Refusal.CURSOR_TOO_OLD,
        HTTPStatus.GONE,
        "Changes cannot be told from this cursor on: look up once what is open, and begin anew without a cursor.",
        (),
    ),
    (
        Refusal.NOT_KEPT,
        HTTPStatus.GONE,
        "The answer is on record, but its inquiry is not kept any more: it cannot be explained.",
        (),
    ),
    (
        Refusal.NOT_PENDED,
        HTTPStatus.CONFLICT,
        "The review does not wait for a decision.",
        (),
    ),
    (
        Refusal.CHANGED,
        HTTPStatus.PRECONDITION_FAILED,
        "The review is not any more as its entity tag says: read it again, then decide.",
        (),
    ),
    (
        Refusal.TOO_MANY,
        HTTPStatus.TOO_MANY_REQUESTS,
        "Too many of your requests are being answered at once.",
        (RETRY_AFTER,),
    ),
    (
        Refusal.HEAD_TOO_LARGE,
        HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
        "The request line and header fields are too large.",
        (CLOSE,),
    ),
    (
        Refusal.BUSY,
        HTTPStatus.SERVICE_UNAVAILABLE,
        "Too many requests are being answered at once.",
        (RETRY_AFTER,),
    ),
    (
        Refusal.TOO_MANY_CONNECTIONS,
        HTTPStatus.SERVICE_UNAVAILABLE,
        "Too many connections are open.",
        (RETRY_AFTER, CLOSE),
    ),
    (
        Refusal.OUTAGE,
        HTTPStatus.SERVICE_UNAVAILABLE,
        "Something that the answer needs does not respond.",
        (RETRY_AFTER,),
    ),
    (
        Refusal.OUT_OF_TIME,
        HTTPStatus.SERVICE_UNAVAILABLE,
        "The answer was not ready in time.",
        (RETRY_AFTER,),
    ),
    (
        Refusal.STOPPING,
        HTTPStatus.SERVICE_UNAVAILABLE,
        "The gateway is being stopped.",
        (RETRY_AFTER, CLOSE),
    ),
    (
        Refusal.OUR_FAULT,
        HTTPStatus.SERVICE_UNAVAILABLE,
        "The gateway could not work on this request; the fault is recorded.",
        (RETRY_AFTER,),
    ),
)

DOCUMENTS: Final = {row[0]: Document(row[0], row[1], row[2], *row[3]) for row in _ROWS}
"""The ready answer of each refusal."""
