"""The OpenAPI document of the JSON doors, made of the types that read and write the JSON."""

from functools import lru_cache
from http import HTTPStatus
from importlib.metadata import version

import orjson
from msgspec.json import schema_components
from pydantic.json_schema import models_json_schema

from gateway.doors.eligibility.examples import REQUESTS
from gateway.doors.eligibility.faults import Problem
from gateway.doors.eligibility.request import EligibilityRequest
from gateway.doors.eligibility.response import EligibilityResponse
from gateway.doors.refusals import DOCUMENTS, Refusal

_SCHEMAS = "#/components/schemas/"
_REFUSALS = (
    Refusal.NOT_JSON,
    Refusal.GUIDE,
    Refusal.CREDENTIALS_MISSING,
    Refusal.CREDENTIALS_UNKNOWN,
    Refusal.TOO_LARGE,
    Refusal.MEDIA_TYPE,
    Refusal.CONTENT_ENCODING,
    Refusal.FIELDS,
    Refusal.TOO_MANY,
    Refusal.BUSY,
    Refusal.OUTAGE,
    Refusal.OUT_OF_TIME,
    Refusal.STOPPING,
    Refusal.OUR_FAULT,
)

Json = dict[str, object]


@lru_cache(maxsize=1)
def openapi_document() -> bytes:
    """The document as JSON."""
    _, request = models_json_schema([(EligibilityRequest, "validation")], ref_template=f"{_SCHEMAS}{{model}}")
    _, response = schema_components((EligibilityResponse, Problem), ref_template=f"{_SCHEMAS}{{name}}")
    document = {
        "openapi": "3.1.0",
        "info": {"title": "edi-gateway", "version": version("edi-gateway")},
        "paths": {"/v1/eligibility": {"post": _eligibility()}},
        "components": {
            "schemas": {**request["$defs"], **response},
            "securitySchemes": {"apiKey": {"type": "http", "scheme": "bearer"}},
        },
    }
    return orjson.dumps(document)


def _eligibility() -> Json:
    examples = {name: {"value": value} for name, value in REQUESTS.items()}
    return {
        "operationId": "checkEligibility",
        "summary": "Is this patient covered, for what, at what price? The JSON twin of X12 270 and 271.",
        "security": [{"apiKey": []}],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": _reference("EligibilityRequest"), "examples": examples}},
        },
        "responses": {"200": _answer(), **_refusals()},
    }


def _answer() -> Json:
    return {
        "description": "The payer's answer; where it could not answer, errors says why.",
        "headers": {
            "X-Edi-Outcome": {
                "description": "What the answer is in X12",
                "schema": {"type": "string", "enum": ["271", "AAA"]},
            }
        },
        "content": {"application/json": {"schema": _reference("EligibilityResponse")}},
    }


def _refusals() -> dict[str, Json]:
    """What HTTP refuses, by status."""
    details: dict[HTTPStatus, list[str]] = {}
    for refusal in _REFUSALS:
        details.setdefault(HTTPStatus(DOCUMENTS[refusal].status), []).append(refusal.value)
    content = {"application/problem+json": {"schema": _reference("Problem")}}
    return {
        str(status.value): {"description": f"{status.phrase}: {', '.join(refusals)}", "content": content}
        for status, refusals in details.items()
    }


def _reference(name: str) -> Json:
    return {"$ref": f"{_SCHEMAS}{name}"}
