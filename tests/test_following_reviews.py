"""``GET /v1/reviews/changes``: each decision about a review, and its cancellation, told once to its submitter."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest

from gateway.reviews.desk import verdict_on
from gateway.store import administration, keys
from gateway.store.pruning import prune_changes
from gateway.store.review_desk import append_decision
from rules.facts import Entitlement, Function, Submitter
from rules.facts.reviews import Outcome, Ruling
from rules.reviews import Verdict
from tests.http_desk import Http, open_http
from tests.real_time import NOW
from tests.review_desk import TIN, entitle_for_reviews, open_review_desk, request
from tests.store_support import another_program, until

pytestmark = pytest.mark.store

PENDED_CODE = "72148"


@pytest.fixture
async def http(database_url: str, redis_url: str) -> AsyncIterator[Http]:
    async with open_review_desk(database_url, redis_url) as desk, open_http(desk) as http:
        yield http


async def begin(http: Http) -> str:
    cursor: str = (await http.changes("reviews")).json()["cursor"]
    return cursor


async def pended(http: Http, trace: str) -> str:
    """The administrative reference of a review that waits."""
    answer = await http.desk.ask(request(trace=trace, code=PENDED_CODE))
    return next(line for line in answer.of("REF") if line.startswith("REF*NT*")).removeprefix("REF*NT*")


async def certify(http: Http, reference: str) -> None:
    """As a reviewer."""
    desk, configuration = http.desk, http.desk.gateway.configuration
    verdict = Verdict(event=Ruling(Outcome.CERTIFIED, days_valid=30))
    made = verdict_on(verdict, "NURSE 7", configuration.profile, configuration.zone, desk.now)
    await append_decision(desk.database_url, reference, "NURSE 7", made)


def states(response: httpx.Response) -> list[tuple[str, str]]:
    return [(change["review"]["reference"], change["review"]["state"]) for change in response.json()["changes"]]


async def test_each_decision_is_told_once_with_the_review_as_it_left_it(http: Http) -> None:
    cursor = await begin(http)
    reference = await pended(http, "FEED-1")
    await certify(http, reference)
    told = await http.changes("reviews", cursor)
    assert states(told) == [(reference, "pended"), (reference, "certified")]
    first, second = [change["review"]["history"] for change in told.json()["changes"]]
    assert [len(first), len(second)] == [2, 3]
    assert states(await http.changes("reviews", told.json()["cursor"])) == []


async def test_it_says_what_the_review_itself_says(http: Http) -> None:
    cursor = await begin(http)
    reference = await pended(http, "FEED-2")
    [change] = (await http.changes("reviews", cursor)).json()["changes"]
    assert change["review"] == (await http.get(f"/v1/reviews/{reference}")).json()
    assert not any(secret in json.dumps(change) for secret in ("QUILLFEATHER", "W100000001", "1980"))


async def test_a_long_poll_returns_as_soon_as_a_reviewer_decides(http: Http) -> None:
    reference = await pended(http, "FEED-3")
    waiting = asyncio.create_task(http.changes("reviews", await begin(http), wait=30))
    await until(lambda: http.desk.gateway.following_reviews.waiting == 1)
    await certify(http, reference)
    assert states(await waiting) == [(reference, "certified")]


async def test_a_cancellation_is_told(http: Http) -> None:
    number = (await http.desk.ask(request(trace="FEED-4"))).of("HCR")[0].split("*")[2]
    cursor = await begin(http)
    cancelled = await http.desk.ask(request(trace="FEED-5", code="", asked="HS*3", earlier=f"REF*BB*{number}~"))
    assert cancelled.of("HCR")[0].startswith("HCR*C")
    told = states(await http.changes("reviews", cursor))
    assert (f"R{number[1:]}", "cancelled") in told


async def test_somebody_elses_reviews_are_not_told(http: Http) -> None:
    url = http.desk.database_url
    await administration.save_submitter(url, Submitter("other", "OTHER CLINIC", "ZZ", "OTHERCLINIC"))
    await administration.grant(url, Entitlement("other", TIN, Function.PRECERTIFICATION, NOW, None, "access manager"))
    key = await administration.create_api_key(url, "other")
    fields = {"authorization": f"Bearer {key}"}
    cursor = (await http.client.get("/v1/reviews/changes", headers=fields)).json()["cursor"]
    await pended(http, "FEED-6")
    assert states(await http.client.get("/v1/reviews/changes", params={"cursor": cursor}, headers=fields)) == []


async def test_a_review_is_not_told_to_who_may_not_ask_any_more(http: Http) -> None:
    cursor = await begin(http)
    await pended(http, "FEED-7")
    await administration.revoke(http.desk.database_url, "clinic", TIN, Function.PRECERTIFICATION, "access manager")
    assert states(await http.changes("reviews", cursor)) == []
    await entitle_for_reviews(http.desk.database_url)


async def test_that_a_review_may_not_be_told_is_confirmed_before_the_cursor_passes_it(http: Http) -> None:
    cursor, url = await begin(http), http.desk.database_url
    await pended(http, "FEED-10")
    await administration.revoke(url, "clinic", TIN, Function.PRECERTIFICATION, "access manager")
    assert states(await http.changes("reviews", cursor)) == []
    async with another_program(url) as connection:
        # As a message that never came: no cache hears of it.
        key = keys.entitlements("clinic", TIN)
        await connection.execute("UPDATE edi.fact_version SET version = version + 1 WHERE key = $1", key)
        version = await connection.fetchval("SELECT version FROM edi.fact_version WHERE key = $1", key)
    assert states(await http.changes("reviews", cursor)) == []
    record = (await http.records("no_changes", "review_changes"))[-1]
    assert version in [each for kind, _, each in json.loads(record["facts"]) if kind == "entitlement"]
    await entitle_for_reviews(url)


async def test_a_page_is_on_record_with_the_facts_by_which_it_was_told(http: Http) -> None:
    cursor = await begin(http)
    await pended(http, "FEED-8")
    await http.changes("reviews", cursor)
    record = (await http.records("changes", "review_changes"))[-1]
    kinds = {kind for kind, _, version in json.loads(record["facts"]) if version}
    assert {"credential", "provider", "entitlement"} <= kinds
    assert len(json.loads(record["payload"].split(b"\n")[1])) == 1


async def test_old_changes_of_reviews_are_taken_away_too(http: Http) -> None:
    cursor = await begin(http)
    await pended(http, "FEED-9")
    assert await prune_changes(http.desk.database_url, "reviews", timedelta(0)) > 0
    assert (await http.changes("reviews", cursor)).status_code == 410
    assert (await http.changes("claims", (await http.changes("claims")).json()["cursor"])).status_code == 200
