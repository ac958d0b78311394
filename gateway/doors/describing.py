"""How the doors' operations are written in the OpenAPI document."""

from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus

from gateway.doors.refusals import DOCUMENTS, RETRY_AFTER, Refusal

Json = dict[str, object]

SCHEMAS = "#/components/schemas/"
ALWAYS_REFUSED = (
    Refusal.CREDENTIALS_MISSING,
    Refusal.CREDENTIALS_UNKNOWN,
    Refusal.TOO_MANY,
    Refusal.BUSY,
    Refusal.OUTAGE,
    Refusal.OUT_OF_TIME,
    Refusal.STOPPING,
    Refusal.OUR_FAULT,
)
"""What may be refused whatever is asked."""
REFUSED_TO_OTHERS = (*ALWAYS_REFUSED, Refusal.SUBMITTERS_ONLY)
"""The same where only submitters may ask."""
BODY_REFUSED = (Refusal.NOT_JSON, Refusal.TOO_LARGE, Refusal.MEDIA_TYPE, Refusal.CONTENT_ENCODING, Refusal.FIELDS)
"""Of a request with a body."""

HEADERS: Mapping[str, Json] = {
    "ETag": {"description": "Stands for what is told: for If-None-Match", "schema": {"type": "string"}},
    "Retry-After": {"description": "Seconds after which asking again is worth while", "schema": {"type": "integer"}},
    "Cache-Control": {"description": "Who may keep the answer", "schema": {"type": "string"}},
    "Location": {"description": "Where what was made is told", "schema": {"type": "string"}},
}
"""Fields of answers, by name."""


def reference(name: str) -> Json:
    """A schema by its name."""
    return {"$ref": f"{SCHEMAS}{name}"}


def parameter(name: str, description: str, schema: Json, *, place: str = "query", required: bool = False) -> Json:
    """One parameter; ``place`` is query, path or header."""
    return {"name": name, "in": place, "required": required, "description": description, "schema": schema}


def body(name: str, examples: Mapping[str, object] | None = None) -> Json:
    """A body of JSON that is of a schema."""
    media: Json = {"schema": reference(name)}
    if examples:
        media["examples"] = {title: {"value": value} for title, value in examples.items()}
    return {"required": True, "content": {"application/json": media}}


def answer(name: str, description: str, headers: Iterable[str] = (), outcomes: Sequence[str] = ()) -> Json:
    """An answer in JSON that is of a schema, with these header fields and one of these X-Edi-Outcome."""
    told: Json = {"description": description, "content": {"application/json": {"schema": reference(name)}}}
    fields: Json = {header: HEADERS[header] for header in headers}
    if outcomes:
        schema = {"type": "string", "enum": list(outcomes)}
        fields["X-Edi-Outcome"] = {"description": "What the answer is in X12", "schema": schema}
    return told | ({"headers": fields} if fields else {})


def refusals(*refused: Refusal) -> Json:
    """What HTTP refuses, by status, as problem documents."""
    details: dict[HTTPStatus, list[Refusal]] = {}
    for refusal in refused:
        details.setdefault(HTTPStatus(DOCUMENTS[refusal].status), []).append(refusal)
    return {str(status.value): _refusal(status, found) for status, found in sorted(details.items())}


def _refusal(status: HTTPStatus, refused: Sequence[Refusal]) -> Json:
    told: Json = {
        "description": f"{status.phrase}: {', '.join(refusal.value for refusal in refused)}",
        "content": {"application/problem+json": {"schema": reference("Problem")}},
    }
    if any(RETRY_AFTER in DOCUMENTS[refusal].headers for refusal in refused):
        told["headers"] = {"Retry-After": HEADERS["Retry-After"]}
    return told


def operation(identifier: str, summary: str, responses: Json, **more: object) -> Json:
    """An operation for those who have an API key."""
    return {
        "operationId": identifier,
        "summary": summary,
        "security": [{"apiKey": []}],
        "responses": responses,
        **more,
    }
