"""``POST /v1/reviews``: the JSON twin of the 278, through the same pipeline."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import orjson
import pytest

from gateway.doors.reviews.examples import REQUESTS
from gateway.store import administration
from gateway.store.calendars import change_calendar
from parsers import check
from rules.facts import Function
from rules.facts.service_hours import Maintenance, MaintenanceKind
from tests.real_time import NOW
from tests.review_desk import PAYER_ID, TIN, ReviewHttp, entitle_for_reviews, open_review_http
from tests.store_support import another_program

pytestmark = pytest.mark.store

THERAPY, IMAGING, ADMISSION = REQUESTS.values()
SUNDAY_NIGHT = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)
"""3:30 a.m. in New York: precertification opens at 5:00."""


@pytest.fixture
async def http(database_url: str, redis_url: str) -> AsyncIterator[ReviewHttp]:
    async with open_review_http(database_url, redis_url) as http:
        yield http


async def ask(http: ReviewHttp, body: Mapping[str, Any], **changes: object) -> httpx.Response:
    data = orjson.dumps({**body, **changes})
    return await http.send("POST", "/v1/reviews", data, http.desk.key, {"content-type": "application/json"})


async def reviews_on_file(http: ReviewHttp) -> int:
    async with another_program(http.desk.database_url) as connection:
        return int(await connection.fetchval("SELECT count(*) FROM edi.review"))


async def test_a_review_that_the_plans_rules_certify_is_certified_at_once(http: ReviewHttp) -> None:
    response = await ask(http, THERAPY, traceNumber="J-1")
    told = response.json()
    assert (response.status_code, response.headers["x-edi-outcome"]) == (200, "278")
    assert (told["traceNumber"], told["review"]["state"], told["review"]["final"]) == ("J-1", "certified", True)
    found = await http.get(response.headers["location"].rpartition("/")[2])
    assert found.json() == told["review"]
    assert response.headers["etag"] == found.headers["etag"] == '"2"'


@pytest.mark.parametrize("body", REQUESTS.values(), ids=REQUESTS)
async def test_the_examples_of_the_document_are_answered_with_a_278_that_its_guide_accepts(
    http: ReviewHttp, body: Mapping[str, Any]
) -> None:
    response = await ask(http, body, traceNumber=f"J-2-{body['traceNumber']}", includeX12=True)
    assert response.status_code == 200, response.text
    assert response.headers["x-edi-outcome"] == "278", response.text
    assert check(response.json()["x12"].encode()).findings == []


async def test_a_reviewer_sees_what_was_asked_in_json(http: ReviewHttp) -> None:
    reference = (await ask(http, ADMISSION, traceNumber="J-3")).json()["review"]["reference"]
    told = (await http.get(reference, http.reviewer_key)).json()
    assert told["patient"]["firstName"] == "TAM"
    assert told["subscriber"]["memberId"] == "W100000001"
    asked = told["asked"]
    assert (asked["requestCategory"], asked["urgent"], asked["quantity"], asked["unit"]) == ("AR", True, "3", "DY")
    assert asked["dates"] == {"admission": "2026-12-01", "discharge": "2026-12-04"}
    assert asked["message"] == "OBSERVATION AFTER SURGERY"
    assert asked["diagnoses"] == [{"qualifier": "ABK", "code": "S52501A"}]
    assert asked["providers"][0]["name"] == "FERN"


async def test_the_same_request_again_is_the_same_review_as_it_stands_by_then(http: ReviewHttp) -> None:
    first = await ask(http, IMAGING, traceNumber="J-4", includeX12=False)
    again = await ask(http, IMAGING, traceNumber="J-4", includeX12=False)
    assert again.json() == first.json()
    reference = first.json()["review"]["reference"]
    await http.decide(reference, {"decision": "certified"})
    decided = (await ask(http, IMAGING, traceNumber="J-4", includeX12=False)).json()["review"]
    assert (decided["reference"], decided["state"]) == (reference, "certified")


async def test_the_same_request_many_times_at_once_is_one_review(http: ReviewHttp) -> None:
    before = await reviews_on_file(http)
    replies = await asyncio.gather(*(ask(http, THERAPY, traceNumber="J-5") for _ in range(8)))
    assert {reply.json()["review"]["number"] for reply in replies} == {replies[0].json()["review"]["number"]}
    assert await reviews_on_file(http) == before + 1


async def test_a_trace_number_used_for_something_else_is_refused(http: ReviewHttp) -> None:
    await ask(http, THERAPY, traceNumber="J-6")
    told = (await ask(http, THERAPY, traceNumber="J-6", placeOfService="22")).json()
    assert told["meta"]["outcome"] == "AAA"
    assert told["errors"][0]["location"] == "Loop 2000E"
    assert "review" not in told


async def test_who_may_not_ask_is_told_so_in_the_requesters_loop(http: ReviewHttp) -> None:
    await administration.revoke(http.desk.database_url, "clinic", TIN, Function.PRECERTIFICATION, "access manager")
    told = (await ask(http, THERAPY, traceNumber="J-7")).json()
    await entitle_for_reviews(http.desk.database_url)
    assert (told["meta"]["outcome"], told["errors"][0]["location"]) == ("AAA", "Loop 2010B")


async def test_an_unknown_member_is_told_in_the_subscribers_loop(http: ReviewHttp) -> None:
    nobody = {"memberId": "W999999999", "lastName": "Nobody", "dateOfBirth": "19700101"}
    error = (await ask(http, THERAPY, traceNumber="J-8", subscriber=nobody)).json()["errors"][0]
    assert (error["location"], error["followupActionCode"]) == ("Loop 2010C", "C")


async def test_a_review_is_cancelled_by_another_request(http: ReviewHttp) -> None:
    reference = (await ask(http, IMAGING, traceNumber="J-9")).json()["review"]["reference"]
    cancelled = await ask(
        http,
        THERAPY,
        traceNumber="J-9",
        certificationType="3",
        administrativeReference=reference,
        services=[],
        diagnoses=[],
    )
    assert cancelled.json()["review"]["code"] == "C"
    assert (await http.get(reference)).json()["state"] == "cancelled"


@pytest.mark.parametrize(
    ("changes", "status", "field"),
    [
        ({"traceNumber": ""}, 422, "traceNumber"),
        ({"traceNumber": "A*B"}, 422, "traceNumber"),
        ({"requester": {"npi": "1234567893"}}, 422, "requester.organizationName"),
        ({"requester": {"organizationName": "X"}}, 422, "requester.npi"),
        ({"subscriber": {"lastName": "Quillfeather"}}, 422, "subscriber.memberId"),
        ({"requestCategory": "XX"}, 422, "requestCategory"),
        ({"certificationType": "Z"}, 422, "certificationType"),
        ({"levelOfService": "X"}, 422, "levelOfService"),
        ({"admissionDate": "20260231"}, 422, "admissionDate"),
        ({"services": [{"quantity": "1"}]}, 422, "services[0].procedureCode"),
        ({"services": [{"procedureCode": "97110", "dateOfService": "2026-02-30"}]}, 422, "services[0].dateOfService"),
        ({"services": [{"procedureCode": "97110", "quantity": "many"}]}, 422, "services[0].quantity"),
        ({"surprise": 1}, 422, "surprise"),
        ({"quantity": "3"}, 422, "unit"),
        ({"unit": "QQ", "quantity": "3"}, 400, "unit"),
        ({"serviceType": "ZZ"}, 400, "serviceType"),
        ({"diagnoses": [{"code": "M5450", "qualifier": "QQQ"}]}, 400, "diagnoses"),
        ({"documents": [{"reportType": "QQ"}]}, 400, "documents"),
        ({"providers": [{"role": "QQ", "lastName": "X", "npi": "1234567893"}]}, 400, "providers"),
        ({"services": [{"procedureCode": "97110"}, {"procedureCode": "1", "unit": "QQ", "quantity": "1"}]}, 400,
         "services[1].unit"),
        ({"dependents": [{"lastName": "X", "individualRelationshipCode": "QQ"}]}, 400,
         "dependents[0].individualRelationshipCode"),
    ],
    ids=str,
)  # fmt: skip
async def test_what_is_wrong_with_a_request_is_told_by_field(
    http: ReviewHttp, changes: dict[str, object], status: int, field: str
) -> None:
    response = await ask(http, THERAPY, **{"traceNumber": "J-10", **changes})
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    assert field in [fault["field"] for fault in response.json()["errors"]]


async def test_outside_its_hours_it_is_told_when_precertification_opens_and_nothing_is_filed(http: ReviewHttp) -> None:
    before = await reviews_on_file(http)
    http.desk.now = SUNDAY_NIGHT
    response = await ask(http, THERAPY, traceNumber="J-11")
    told = response.json()
    assert (response.status_code, response.headers["x-edi-outcome"]) == (200, "AAA")
    assert response.headers["retry-after"] == "5400"
    assert (told["reason"], told["opensAt"]) == ("outside service hours", "2026-11-22T05:00:00-05:00")
    assert [(error["location"], error["code"]) for error in told["errors"]] == [("Loop 2010A", "42")]
    assert await reviews_on_file(http) == before
    http.desk.now = datetime.fromisoformat(told["opensAt"])
    assert (await ask(http, THERAPY, traceNumber="J-11")).headers["x-edi-outcome"] == "278"


async def test_during_maintenance_both_twins_tell_when_it_ends(http: ReviewHttp) -> None:
    hour = timedelta(hours=1)
    declared = Maintenance(NOW - hour, NOW + hour, "UPGRADE", MaintenanceKind.EMERGENCY, NOW)
    await change_calendar(http.desk.database_url, PAYER_ID, lambda each: replace(each, maintenance=(declared,)))
    review = await ask(http, THERAPY, traceNumber="J-12")
    inquiry = {
        "tradingPartnerServiceId": "99999",
        "provider": THERAPY["requester"],
        "subscriber": THERAPY["subscriber"],
    }
    fields = {"content-type": "application/json"}
    eligibility = await http.send("POST", "/v1/eligibility", orjson.dumps(inquiry), http.desk.key, fields)
    await change_calendar(http.desk.database_url, PAYER_ID, lambda each: replace(each, maintenance=()))
    for response in (review, eligibility):
        told = response.json()
        assert (told["reason"], told["opensAt"]) == ("maintenance", "2026-11-21T14:30:00-05:00")
    assert review.headers["retry-after"] == "3600"


async def test_a_store_that_is_down_while_precertification_is_closed_is_told_with_the_next_opening(
    http: ReviewHttp, monkeypatch: pytest.MonkeyPatch
) -> None:
    http.desk.now = SUNDAY_NIGHT
    assert (await ask(http, THERAPY, traceNumber="J-13")).status_code == 200
    monkeypatch.setattr("gateway.audit.log.AUDIT_STATEMENT_SECONDS", 0.2)
    async with another_program(http.desk.database_url) as connection, connection.transaction():
        await connection.execute("LOCK TABLE edi.audit IN ACCESS EXCLUSIVE MODE")
        response = await ask(http, THERAPY, traceNumber="J-13")
    told = response.json()
    assert (response.status_code, response.headers["retry-after"]) == (503, "5400")
    assert (told["reason"], told["opensAt"]) == ("outside service hours", "2026-11-22T05:00:00-05:00")
