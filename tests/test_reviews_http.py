"""``GET /v1/reviews/{number}``: how a review stands, for its submitter alone."""

from collections.abc import AsyncIterator

import httpx
import pytest

from gateway.doors.keys import BearerKeys
from gateway.doors.operations import build_operations
from gateway.doors.reviews import review_routes
from gateway.limits import Limits
from gateway.store import administration
from rules.facts import Function, Submitter
from tests.real_time import NOW, Desk
from tests.review_desk import TIN, entitle_for_reviews, open_review_desk, request

pytestmark = pytest.mark.store


@pytest.fixture
async def desk(database_url: str, redis_url: str) -> AsyncIterator[Desk]:
    async with open_review_desk(database_url, redis_url) as desk:
        yield desk


async def get(desk: Desk, number: str, key: str | None = None) -> httpx.Response:
    gateway, limits = desk.gateway, Limits()
    application = build_operations(gateway.ready, gateway.metrics, limits)
    keys = BearerKeys(gateway.facts)
    application.include_router(review_routes(keys, gateway.facts, gateway.reviews, limits, lambda: NOW))
    transport = httpx.ASGITransport(application)
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
        return await client.get(f"/v1/reviews/{number}", headers={"authorization": f"Bearer {key or desk.key}"})


async def pended(desk: Desk, trace: str) -> str:
    """The administrative reference of a review that waits."""
    answer = await desk.ask(request(trace=trace, code="72148"))
    return next(line for line in answer.of("REF") if line.startswith("REF*NT*")).removeprefix("REF*NT*")


async def test_a_pended_review_is_told_with_what_is_wanted_and_when_it_is_due(desk: Desk) -> None:
    reference = await pended(desk, "REV-H1")
    response = await get(desk, reference)
    told = response.json()
    assert (told["reference"], told["state"], told["code"], told["final"]) == (reference, "pended", "A4", False)
    assert told["services"][0]["wanted"] == ["OB"]
    assert told["decision_due_at"] == "2026-11-28T13:30:00-05:00"
    assert [step["kind"] for step in told["history"]] == ["request", "decision"]
    assert not any(secret in response.text for secret in ("QUILLFEATHER", "W100000001", "1980"))


async def test_a_certified_review_is_found_by_its_number(desk: Desk) -> None:
    number = (await desk.ask(request(trace="REV-H2"))).of("HCR")[0].split("*")[2]
    told = (await get(desk, number)).json()
    assert (told["number"], told["state"], told["final"], told["decision_due_at"]) == (number, "certified", True, None)


async def test_somebody_elses_review_is_not_there(desk: Desk) -> None:
    reference = await pended(desk, "REV-H3")
    await administration.save_submitter(desk.database_url, Submitter("other", "OTHER CLINIC", "ZZ", "OTHERCLINIC"))
    key = await administration.create_api_key(desk.database_url, "other")
    response = await get(desk, reference, key)
    assert response.status_code == 404
    assert response.headers["content-type"] == "application/problem+json"


async def test_a_review_is_not_told_to_who_may_not_ask_any_more(desk: Desk) -> None:
    reference = await pended(desk, "REV-H4")
    await administration.revoke(desk.database_url, "clinic", TIN, Function.PRECERTIFICATION, "access manager")
    assert (await get(desk, reference)).status_code == 404
    await entitle_for_reviews(desk.database_url)
    assert (await get(desk, reference)).status_code == 200


@pytest.mark.parametrize("number", ["R999999999", "nonsense", "R00%000001", "A%27--"])
async def test_a_number_that_is_no_reviews_is_not_there(desk: Desk, number: str) -> None:
    assert (await get(desk, number)).status_code == 404


async def test_who_has_no_key_is_refused(desk: Desk) -> None:
    assert (await get(desk, "R000000001", "nobody")).status_code == 401
