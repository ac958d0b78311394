"""Pages of the list of reviews that wait: which one is asked for, and how its place is written.

A place is when a review is due, in microseconds since the epoch, and its reference: it holds though the review has been
decided since.
"""

import re
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

from fastapi import Request

from gateway.doors.eligibility.faults import Fault, refused_fields
from gateway.doors.refusals import Refusal
from gateway.reviews.office import FIRST, Place, Standing
from gateway.store.limits import REVIEWS_PER_PAGE
from gateway.store.reviews import numbers_of

_PLACE = re.compile(r"(?P<due>[0-9]{1,17})-R(?P<id>[0-9]{9})", re.ASCII)
_EPOCH = datetime.fromtimestamp(0, UTC)
_MICROSECOND = timedelta(microseconds=1)


def read_page(request: Request) -> tuple[Place, int]:
    """After which place, and how many; the parameters ``after`` and ``limit``.

    Raises:
        Refused: with every parameter that is wrong.
    """
    parameters = request.query_params
    faults = [Fault(name, "Is not a parameter") for name in parameters if name not in ("after", "limit")]
    after, limit = parameters.get("after", ""), parameters.get("limit", str(REVIEWS_PER_PAGE))
    place = _read_place(after) if after else FIRST
    if place is None:
        faults.append(Fault("after", "Is what `next` of the page before told"))
    if not (limit.isascii() and limit.isdigit() and len(limit) < 4 and 1 <= int(limit) <= REVIEWS_PER_PAGE):
        faults.append(Fault("limit", f"Is from 1 to {REVIEWS_PER_PAGE}"))
    if faults or place is None:
        raise refused_fields(Refusal.FIELDS, HTTPStatus.UNPROCESSABLE_ENTITY, faults)
    return place, int(limit)


def write_place(standing: Standing) -> str:
    """The place of a review on the list."""
    held = standing.record
    due_at = held.listed_at or _EPOCH
    return f"{(due_at - _EPOCH) // _MICROSECOND}-{numbers_of(held.review_id).reference}"


def _read_place(text: str) -> Place | None:
    found = _PLACE.fullmatch(text)
    return None if found is None else (_EPOCH + int(found["due"]) * _MICROSECOND, int(found["id"]))
