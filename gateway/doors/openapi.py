"""The OpenAPI document of the JSON doors, made of the types that read and write the JSON."""

from functools import lru_cache
from importlib.metadata import version

import orjson
from msgspec.json import schema_components
from pydantic.json_schema import models_json_schema

from gateway.doors.claims import openapi as claims
from gateway.doors.describing import SCHEMAS
from gateway.doors.eligibility import openapi as eligibility
from gateway.doors.reviews import openapi as reviews


@lru_cache(maxsize=1)
def openapi_document() -> bytes:
    """The document as JSON."""
    asked = [(model, "validation") for model in (*eligibility.ASKED, *reviews.ASKED)]
    _, requests = models_json_schema(asked, ref_template=f"{SCHEMAS}{{model}}")  # type: ignore[arg-type]
    told = (*eligibility.TOLD, *claims.TOLD, *reviews.TOLD)
    _, responses = schema_components(told, ref_template=f"{SCHEMAS}{{name}}")
    document = {
        "openapi": "3.1.0",
        "info": {"title": "edi-gateway", "version": version("edi-gateway")},
        "paths": {**eligibility.paths(), **claims.paths(), **reviews.paths()},
        "components": {
            "schemas": {**requests["$defs"], **responses},
            "securitySchemes": {"apiKey": {"type": "http", "scheme": "bearer"}},
        },
    }
    return orjson.dumps(document)
