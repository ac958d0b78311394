"""``POST /v1/eligibility`` in the OpenAPI document."""

from gateway.doors.describing import BODY_REFUSED, REFUSED_TO_OTHERS, Json, answer, body, operation, refusals
from gateway.doors.eligibility.examples import REQUESTS
from gateway.doors.eligibility.faults import Problem
from gateway.doors.eligibility.request import EligibilityRequest
from gateway.doors.eligibility.response import EligibilityResponse
from gateway.doors.refusals import Refusal

ASKED = (EligibilityRequest,)
"""The types that read JSON."""
TOLD = (EligibilityResponse, Problem)
"""The types that write it."""


def paths() -> Json:
    """By path, what it takes and gives."""
    told = answer(
        "EligibilityResponse",
        "The payer's answer; where it could not answer, errors says why.",
        ["Retry-After"],
        ["271", "AAA"],
    )
    return {
        "/v1/eligibility": {
            "post": operation(
                "checkEligibility",
                "Is this patient covered, for what, at what price? The JSON twin of X12 270 and 271.",
                {"200": told, **refusals(*REFUSED_TO_OTHERS, *BODY_REFUSED, Refusal.GUIDE)},
                requestBody=body("EligibilityRequest", REQUESTS),
            )
        }
    }
