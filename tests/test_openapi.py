"""The OpenAPI document says what the doors really take and give: real answers are held against it."""

from collections import Counter
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import orjson
import pytest
from jsonschema import Draft202012Validator

from gateway.doors.claims.asking import AMOUNTS, DAYS, REQUIRED, TEXTS
from gateway.doors.openapi import openapi_document
from gateway.store.claim_loading import load_claims
from gateway.store.reviewers import add_reviewer_key
from rules.facts.claims import ServiceLine
from tests.claims_desk import PENDED, RECEIVED, claim, entitle_for_claims
from tests.http_desk import Http, open_http
from tests.review_desk import open_review_desk, request
from tests.store_support import another_program

WHO = {"npi": "1234567893", "memberId": "W100000001", "lastName": "QUILLFEATHER"}
DOCUMENT = orjson.loads(openapi_document())


def operations() -> Iterator[tuple[str, dict[str, Any]]]:
    for path, item in DOCUMENT["paths"].items():
        for method, operation in item.items():
            yield f"{method.upper()} {path}", operation


def strictly(schema: Any) -> Any:
    """The same schema, of which nothing may be told that it does not describe."""
    if isinstance(schema, list):
        return [strictly(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    strict = {name: strictly(value) for name, value in schema.items()}
    if "properties" in strict and strict.get("type") == "object":
        strict.setdefault("additionalProperties", False)
    return strict


def check(response: httpx.Response, operation: str) -> None:
    """Hold an answer against what the document says of its operation: status, fields and body."""
    described = dict(operations())[operation]["responses"][str(response.status_code)]
    missing = [name for name in described.get("headers", {}) if name not in response.headers]
    assert set(missing) <= {"Retry-After", "Location"}, missing
    if "content" not in described:
        assert response.content == b""
        return
    [(media_type, content)] = described["content"].items()
    assert response.headers["content-type"] == media_type
    schema = strictly({**content["schema"], "components": DOCUMENT["components"]})
    errors = [error.message for error in Draft202012Validator(schema).iter_errors(response.json())]
    assert errors == []


def test_the_document_has_every_schema_that_it_refers_to_and_no_other() -> None:
    text = openapi_document().decode()
    referred = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert referred == set(DOCUMENT["components"]["schemas"])


def test_every_operation_has_an_identifier_of_its_own_and_asks_for_a_key() -> None:
    identifiers = Counter(operation["operationId"] for _, operation in operations())
    assert set(identifiers.values()) == {1}
    assert all(operation["security"] == [{"apiKey": []}] for _, operation in operations())
    assert all({"200", "401", "429", "503"} <= set(operation["responses"]) for _, operation in operations())


def test_all_parameters_of_a_search_are_described() -> None:
    described = {each["name"]: each for each in DOCUMENT["paths"]["/v1/claims"]["get"]["parameters"]}
    assert set(described) == {*TEXTS, *DAYS, *AMOUNTS, "If-None-Match"}
    assert [name for name, each in described.items() if each["required"]] == list(REQUIRED)


@pytest.fixture
async def http(database_url: str, redis_url: str) -> AsyncIterator[Http]:
    async with open_review_desk(database_url, redis_url) as desk, open_http(desk) as http:
        await entitle_for_claims(database_url)
        yield http
        async with another_program(database_url) as connection:
            await connection.execute("UPDATE edi.entitlement SET revoked_at = now(), revoked_by = 'test'")


@pytest.mark.store
async def test_answers_about_claims_are_as_described(http: Http) -> None:
    one = "GET /v1/claims/{number}"
    cursor = (await http.changes("claims")).json()["cursor"]
    lines = (ServiceLine("HC:99213", claim().charge, events=(RECEIVED, PENDED), control_number="L1"),)
    await load_claims(http.desk.database_url, [claim("API-1", lines=lines), claim("API-2", RECEIVED, bill_type="111")])
    full = await http.get("/v1/claims/API-1")
    assert full.json()["claims"][0]["lines"]
    check(full, one)
    check(await http.get("/v1/claims/API-2"), one)
    check(await http.get("/v1/claims/API-1", **{"if-none-match": full.headers["etag"]}), one)
    check(await http.get("/v1/claims/NOBODYS"), one)
    check(await http.get("/v1/claims/API-1", authorization="Bearer nobody"), one)
    reviewers = await add_reviewer_key(http.desk.database_url, "NURSE 7", "A NURSE")
    for operation in (one, "GET /v1/claims/changes", "GET /v1/reviews/changes"):
        path = operation.removeprefix("GET ").format(number="API-1")
        refused = await http.get(path, authorization=f"Bearer {reviewers}")
        assert refused.status_code == 403
        check(refused, operation)
    for parameters in ({"claimNumber": "API-1"}, {"claimNumber": "NOBODYS"}, {"npi": "1111111112"}, {"npi": ""}):
        check(await http.client.get("/v1/claims", params=WHO | parameters), "GET /v1/claims")
    told = await http.changes("claims", cursor)
    assert len(told.json()["changes"]) == 2
    check(told, "GET /v1/claims/changes")


@pytest.mark.store
async def test_answers_about_reviews_are_as_described(http: Http) -> None:
    cursor = (await http.changes("reviews")).json()["cursor"]
    for trace, code in (("API-R1", "72148"), ("API-R2", "97110"), ("API-R3", "15780")):
        await http.desk.ask(request(trace=trace, code=code))
    told = await http.changes("reviews", cursor)
    check(told, "GET /v1/reviews/changes")
    references = [change["review"]["reference"] for change in told.json()["changes"]]
    assert len(references) == 3
    for reference in (*references, "R999999999"):
        check(await http.get(f"/v1/reviews/{reference}"), "GET /v1/reviews/{number}")


@pytest.mark.store
async def test_refusals_of_followers_are_as_described(http: Http) -> None:
    for feed in ("claims", "reviews"):
        operation = f"GET /v1/{feed}/changes"
        cursor = (await http.changes(feed)).json()["cursor"]
        check(await http.changes(feed, "forged"), operation)
        check(await http.get(f"/v1/{feed}/changes?wait=soon"), operation)
        async with another_program(http.desk.database_url) as connection:
            await connection.execute("UPDATE edi.change_horizon SET transaction = pg_current_xact_id()")
        gone = await http.changes(feed, cursor)
        assert gone.status_code == 410
        check(gone, operation)
