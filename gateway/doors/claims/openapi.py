"""``GET /v1/claims``, one claim and the changes of claims in the OpenAPI document."""

from gateway.doors.changes import CURSOR_CHARACTERS_MAX, WAIT_S_MAX
from gateway.doors.claims.answer import ClaimChanges, ClaimsAnswer
from gateway.doors.claims.asking import AMOUNTS, DAYS, REQUIRED, TEXTS
from gateway.doors.claims.door import CLAIMS_PATH, ONE_CLAIM_PATHS
from gateway.doors.claims.feed import CLAIM_CHANGES_PATH
from gateway.doors.describing import HEADERS, REFUSED_TO_OTHERS, Json, answer, operation, parameter, refusals
from gateway.doors.refusals import Refusal

TOLD = (ClaimsAnswer, ClaimChanges)
"""The types that write JSON."""

_MEANINGS = {
    "npi": "Of the billing or the rendering provider, one of whose TINs has entitled you",
    "memberId": "The subscriber's",
    "lastName": "The subscriber's",
    "firstName": "The subscriber's",
    "birthDate": "The subscriber's",
    "dependentLastName": "Where the patient is a dependent; with the dependent's birth date",
    "dependentFirstName": "Where the patient is a dependent; of twins it tells which",
    "dependentBirthDate": "Where the patient is a dependent",
    "claimNumber": "The payer's (REF 1K)",
    "patientAccount": "The provider's own number (REF EJ)",
    "prescription": "Of a pharmacy (REF XZ)",
    "billType": "Of an institutional claim (REF BLT)",
    "groupNumber": "Of the subscriber's plan (REF 6P)",
    "clearinghouseNumber": "Given by a clearinghouse (REF D9)",
    "charge": "Of the whole claim, US dollars",
    "from": "First day of service",
    "to": "Last day of service",
}
_OUTCOMES = ("277", "STC")
_FIELDS = ("ETag", "Retry-After", "Cache-Control")
_UNCHANGED = parameter("If-None-Match", "The ETag of what you have", {"type": "string"}, place="header")
_NOT_MODIFIED = {
    "304": {"description": "Nothing has changed since", "headers": {name: HEADERS[name] for name in _FIELDS}}
}


def paths() -> Json:
    """By path, what it takes and gives."""
    return {
        CLAIMS_PATH: {"get": _search()},
        f"{ONE_CLAIM_PATHS}{{number}}": {"get": _one()},
        CLAIM_CHANGES_PATH: {
            "get": changes("followClaims", "What has become of your claims since a cursor.", "ClaimChanges")
        },
    }


def changes(identifier: str, summary: str, schema: str) -> Json:
    """A feed of changes."""
    told = answer(schema, "The changes; none where nothing has changed, or where you begin.", ["Cache-Control"])
    refused = refusals(*REFUSED_TO_OTHERS, Refusal.FIELDS, Refusal.CURSOR, Refusal.CURSOR_TOO_OLD)
    return operation(
        identifier,
        f"{summary} Each is told once, in order; begin without a cursor, and send each time the one last given.",
        {"200": told, **refused},
        parameters=[
            parameter("cursor", "As last given", {"type": "string", "maxLength": CURSOR_CHARACTERS_MAX}),
            parameter(
                "wait",
                "Seconds to wait for a change where there is none yet",
                {"type": "integer", "minimum": 0, "maximum": WAIT_S_MAX, "default": 0},
            ),
        ],
    )


def _search() -> Json:
    told = answer("ClaimsAnswer", "The claims; or refused says why none are told.", _FIELDS, _OUTCOMES)
    parameters = [parameter(name, _MEANINGS[name], _schema(name), required=name in REQUIRED) for name in _MEANINGS]
    return operation(
        "findClaims",
        "What has become of a claim? The JSON twin of X12 276 and 277.",
        {"200": told, **_NOT_MODIFIED, **refusals(*REFUSED_TO_OTHERS, Refusal.FIELDS, Refusal.GUIDE)},
        parameters=[*parameters, _UNCHANGED],
    )


def _one() -> Json:
    told = answer("ClaimsAnswer", "The claim; the parts of one that was split.", _FIELDS, _OUTCOMES)
    number = parameter("number", "The payer's, present or former", {"type": "string"}, place="path", required=True)
    return operation(
        "getClaim",
        "What has become of the claim with this number?",
        {"200": told, **_NOT_MODIFIED, **refusals(*REFUSED_TO_OTHERS, Refusal.NOT_FOUND)},
        parameters=[number, _UNCHANGED],
    )


def _schema(name: str) -> Json:
    if name in DAYS:
        return {"type": "string", "pattern": "^[0-9]{8}$", "examples": ["20260901"]}
    if name in AMOUNTS:
        return {"type": "string", "pattern": "^[0-9]+(\\.[0-9]+)?$", "examples": ["180.4"]}
    return {"type": "string", "minLength": 1, "maxLength": TEXTS[name]}
