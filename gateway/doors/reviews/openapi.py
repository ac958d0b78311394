"""``/v1/reviews`` and the changes of reviews in the OpenAPI document."""

from gateway.doors.claims.openapi import changes
from gateway.doors.describing import (
    ALWAYS_REFUSED,
    BODY_REFUSED,
    REFUSED_TO_OTHERS,
    Json,
    answer,
    body,
    operation,
    parameter,
    reference,
    refusals,
)
from gateway.doors.refusals import Refusal
from gateway.doors.reviews.decision import ReviewDecision
from gateway.doors.reviews.door import REVIEWS_PATH
from gateway.doors.reviews.examples import DECISIONS, REQUESTS
from gateway.doors.reviews.feed import REVIEW_CHANGES_PATH, ReviewChanges
from gateway.doors.reviews.request import ReviewRequest
from gateway.doors.reviews.response import ReviewFile, ReviewReply, ReviewStanding, WaitingReviews
from gateway.store.limits import REVIEWS_PER_PAGE

ASKED = (ReviewRequest, ReviewDecision)
"""The types that read JSON."""
TOLD = (ReviewReply, ReviewStanding, ReviewFile, WaitingReviews, ReviewChanges)
"""The types that write it."""

_NUMBER = parameter(
    "number", "Of the certification, or the administrative reference", {"type": "string"}, place="path", required=True
)


def paths() -> Json:
    """By path, what it takes and gives."""
    return {
        REVIEWS_PATH: {"post": _ask(), "get": _list()},
        f"{REVIEWS_PATH}/{{number}}": {"get": _one()},
        f"{REVIEWS_PATH}/{{number}}/decision": {"post": _decide()},
        REVIEW_CHANGES_PATH: {
            "get": changes("followReviews", "What has been decided about your reviews since a cursor.", "ReviewChanges")
        },
    }


def _ask() -> Json:
    told = answer(
        "ReviewReply",
        "The review; or errors says why there is none.",
        ["ETag", "Location", "Retry-After"],
        ["278", "AAA"],
    )
    return operation(
        "askForReview",
        "May I do this? The JSON twin of X12 278.",
        {"200": told, **refusals(*REFUSED_TO_OTHERS, *BODY_REFUSED, Refusal.GUIDE)},
        requestBody=body("ReviewRequest", REQUESTS),
    )


def _list() -> Json:
    most = {"type": "integer", "minimum": 1, "maximum": REVIEWS_PER_PAGE, "default": REVIEWS_PER_PAGE}
    return operation(
        "listWaitingReviews",
        "Which reviews wait for a decision? For reviewers.",
        {
            "200": answer("WaitingReviews", "Those due first in front.", ["Cache-Control"]),
            **refusals(*ALWAYS_REFUSED, Refusal.FIELDS, Refusal.REVIEWERS_ONLY),
        },
        parameters=[
            parameter("after", "Only those that follow this place on the list: what `next` told", {"type": "string"}),
            parameter("limit", "How many at the most", most),
        ],
    )


def _one() -> Json:
    told = answer("ReviewStanding", "For its submitter; a reviewer is told the whole file.", ["ETag", "Cache-Control"])
    either = {"anyOf": [reference("ReviewStanding"), reference("ReviewFile")]}
    return operation(
        "getReview",
        "How does this review stand?",
        {
            "200": told | {"content": {"application/json": {"schema": either}}},
            **refusals(*ALWAYS_REFUSED, Refusal.NOT_FOUND),
        },
        parameters=[_NUMBER],
    )


def _decide() -> Json:
    match = parameter("If-Match", "The ETag of the review that you have seen", {"type": "string"}, place="header")
    refused = (Refusal.NOT_FOUND, Refusal.REVIEWERS_ONLY, Refusal.NOT_PENDED, Refusal.CHANGED)
    return operation(
        "decideReview",
        "Decide a pended review. For reviewers.",
        {
            "200": answer("ReviewFile", "The review as it stands then.", ["ETag", "Cache-Control"]),
            **refusals(*ALWAYS_REFUSED, *BODY_REFUSED, *refused),
        },
        parameters=[_NUMBER, match],
        requestBody=body("ReviewDecision", DECISIONS),
    )
