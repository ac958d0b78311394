"""What is wrong with a JSON request, as a problem document that names fields and never their values."""

from collections.abc import Callable, Iterable
from http import HTTPStatus
from itertools import islice
from typing import TypeVar

from msgspec import Struct, to_builtins
from pydantic import BaseModel, ValidationError

from gateway.doors.refusals import DOCUMENTS, Document, Refusal, Refused

FAULTS_MAX = 20
"""Told of one request."""
FIELD_NAME_MAX = 200
"""Characters of a field's path: an unknown field, as an unknown parameter, can have a name of any length."""

Read = TypeVar("Read", bound=BaseModel)

_UNKNOWN = "extra_forbidden"
_NOT_JSON = "json_invalid"


class Fault(Struct, frozen=True):
    """What is wrong with one field."""

    field: str
    """Path from the document's top: ``dependents[0].lastName``; empty for the document itself."""
    detail: str


class Problem(Struct, frozen=True):
    """A problem document (RFC 9457)."""

    type: str
    """``urn:edi-gateway:problem:`` and the kind of refusal."""
    title: str
    status: int
    detail: str
    errors: tuple[Fault, ...] = ()
    """The fields that are wrong, where the refusal is about fields."""


def _refused_by_schema(error: ValidationError) -> Refused:
    """The refusal of a body that is no JSON, or that has fields which are not of the schema."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    if found[0]["type"] == _NOT_JSON:
        return Refused(Refusal.NOT_JSON)
    return refused_fields(
        Refusal.FIELDS,
        HTTPStatus.UNPROCESSABLE_ENTITY,
        (Fault(_path(one["loc"]), "Is not a field" if one["type"] == _UNKNOWN else one["msg"]) for one in found),
    )


def refused_fields(refusal: Refusal, status: HTTPStatus, faults: Iterable[Fault]) -> Refused:
    """The refusal for these faults, as many as are told."""
    told = dict.fromkeys(Fault(_bounded(fault.field), fault.detail) for fault in faults)
    errors = [to_builtins(fault) for fault in islice(told, FAULTS_MAX)]
    return Refused(refusal, Document(refusal, status, DOCUMENTS[refusal].detail, members={"errors": errors}))


def _path(location: tuple[int | str, ...]) -> str:
    """``("dependents", 0, "lastName")`` as ``dependents[0].lastName``."""
    path = ""
    for step in location:
        path += f"[{step}]" if isinstance(step, int) else f".{step}" if path else step
    return path


def _bounded(path: str) -> str:
    return path if len(path) <= FIELD_NAME_MAX else f"{path[:FIELD_NAME_MAX]}..."


def read_fields(data: bytes, model: type[Read], contradictions: Callable[[Read], Iterable[Fault]]) -> Read:
    """What a body holds.

    Args:
        data: the body.
        model: what it has to be.
        contradictions: tells what is wrong between fields that are each as they must be.

    Raises:
        Refused: with every field that is wrong, by its name.
    """
    try:
        read = model.model_validate_json(data)
    except ValidationError as error:
        raise _refused_by_schema(error) from None
    faults = [*contradictions(read)]
    if faults:
        raise refused_fields(Refusal.FIELDS, HTTPStatus.UNPROCESSABLE_ENTITY, faults)
    return read
