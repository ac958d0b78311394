"""``GET /v1/claims/changes`` and the same of reviews: what has changed since a cursor, told once and on record."""

import asyncio
import hashlib
import json
import socket
import struct
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date

import httpx
import pytest

from gateway.audit.disclosing import Disclosure, Disclosures
from gateway.audit.log import Recorded
from gateway.limits import Limits
from gateway.store import administration
from gateway.store.administration import hash_token
from gateway.store.claim_loading import load_claims
from gateway.store.keys import credential, entitlements
from rules.facts import Function
from rules.facts.claims import StatusEvent
from tests.claims_desk import FAR_TIN, PAID, RECEIVED, TIN, claim, entitle_for_claims, open_claims_desk
from tests.http_desk import Http, open_http
from tests.real_time import CLINIC
from tests.store_support import another_program, until

pytestmark = pytest.mark.store

KEPT = """
SELECT key FROM edi.fact_version JOIN edi.fact_document USING (fact_id, version) WHERE key = ANY ($1) ORDER BY key
"""
"""Those of some facts whose present document is kept."""


@pytest.fixture
async def http(database_url: str, redis_url: str) -> AsyncIterator[Http]:
    async with open_claims_desk(database_url, redis_url, claim("CN-1")) as desk, open_http(desk) as http:
        yield http


async def begin(http: Http) -> str:
    cursor: str = (await http.changes("claims")).json()["cursor"]
    return cursor


def numbers(response: httpx.Response) -> list[str]:
    return [change["claim"]["claimNumber"] for change in response.json()["changes"]]


async def test_changes_are_told_once_from_a_cursor_on(http: Http) -> None:
    begun = (await http.changes("claims")).json()
    assert begun["changes"] == []
    await load_claims(http.desk.database_url, [claim("NEW-1", RECEIVED), claim("NEW-FAR", billing_tin=FAR_TIN)])
    told = await http.changes("claims", begun["cursor"])
    assert numbers(told) == ["NEW-1"]
    assert told.json()["changes"][0]["claim"]["status"][0]["codes"][0]["code"] == "19"
    assert numbers(await http.changes("claims", told.json()["cursor"])) == []


async def test_a_status_that_counts_from_a_later_day_is_told_when_it_is_known(http: Http) -> None:
    cursor = await begin(http)
    later = replace(PAID, effective=date(2026, 12, 24))
    await load_claims(http.desk.database_url, [claim("LATER-1", RECEIVED, later)])
    [change] = (await http.changes("claims", cursor)).json()["changes"]
    assert [status["effective"] for status in change["claim"]["status"]][:1] == ["2026-12-24"]


async def test_a_long_poll_returns_as_soon_as_a_claim_changes(http: Http) -> None:
    waiting = asyncio.create_task(http.changes("claims", await begin(http), wait=30))
    await until(lambda: http.desk.gateway.following.waiting == 1)
    await load_claims(http.desk.database_url, [claim("NEW-2", RECEIVED)])
    assert numbers(await waiting) == ["NEW-2"]


async def test_nobody_waits_for_a_client_whose_connection_is_reset(http: Http) -> None:
    cursor = await begin(http)
    _, writer = await asyncio.open_connection("127.0.0.1", http.port)
    request = f"GET /v1/claims/changes?wait=30&cursor={cursor} HTTP/1.1\r\nhost: x\r\n"
    writer.write(f"{request}authorization: Bearer {http.desk.key}\r\n\r\n".encode())
    await until(lambda: http.desk.gateway.following.waiting == 1)
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
    await until(lambda: http.desk.gateway.following.waiting == 0)


async def test_a_page_is_on_record_before_it_leaves_and_says_what_it_told(http: Http) -> None:
    cursor = await begin(http)
    await load_claims(http.desk.database_url, [claim("REC-1"), claim("REC-2")])
    response = await http.changes("claims", cursor)
    record = (await http.records("changes", "claim_changes"))[-1]
    assert (record["submitter_id"], record["mode"], record["control_number"]) == ("clinic", "real_time", None)
    assert record["answer_sha256"] == hashlib.sha256(response.content).digest()
    asked, told = record["payload"].split(b"\n")
    assert asked == f"GET /v1/claims/changes?cursor={cursor}&wait=0".encode()
    assert [subject for _, subject, _ in json.loads(told)] == ["K-REC-1", "K-REC-2"]
    kinds = sorted(kind for kind, _, version in json.loads(record["facts"]) if version > 0)
    assert kinds == ["credential", "entitlement"]


async def test_the_facts_by_which_who_waits_is_told_are_kept_before_there_is_anything_to_tell(http: Http) -> None:
    keys = [credential(hash_token(http.desk.key)), entitlements("clinic", TIN)]

    async def kept() -> list[str]:
        async with another_program(http.desk.database_url) as connection:
            return [row["key"] for row in await connection.fetch(KEPT, keys)]

    await administration.save_submitter(http.desk.database_url, replace(CLINIC, name="RIVERBEND OF LATE"))
    assert keys[0] not in await kept()
    waiting = asyncio.create_task(http.changes("claims", await begin(http), wait=30))

    async def are_kept() -> bool:
        return await kept() == sorted(keys)

    await until(are_kept)
    await load_claims(http.desk.database_url, [claim("KEPT-1")])
    assert numbers(await waiting) == ["KEPT-1"]


async def test_when_a_page_was_sent_is_on_record(http: Http) -> None:
    cursor = await begin(http)
    await load_claims(http.desk.database_url, [claim("SENT-1")])
    await http.changes("claims", cursor)

    async def is_told() -> bool:
        record = (await http.records("changes", "claim_changes"))[-1]
        return record["sent_at"] is not None and record["sent_at"] >= record["received_at"]

    await until(is_told)


async def test_a_page_that_tells_of_nothing_is_not_recorded(http: Http) -> None:
    cursor = await begin(http)
    before = await http.records("changes", "claim_changes")
    assert numbers(await http.changes("claims", cursor)) == []
    assert len(await http.records("changes", "claim_changes")) == len(before)
    assert not await http.records("no_changes", "claim_changes")


async def test_pages_are_counted(http: Http) -> None:
    cursor = await begin(http)
    await load_claims(http.desk.database_url, [claim("COUNT-1")])
    await http.changes("claims", cursor)
    figures = (await http.get("/metrics")).text
    labels = '{mode="real_time",outcome="changes",transaction="claim_changes"}'
    assert f"edi_gateway_requests_total{labels}" in figures


async def test_an_entitlement_revoked_after_the_look_keeps_the_page_back(
    http: Http, monkeypatch: pytest.MonkeyPatch
) -> None:
    cursor = await begin(http)
    await load_claims(http.desk.database_url, [claim("HELD-1")])
    record = Disclosures.record
    tried = []

    async def revoke_and_record(self: Disclosures, disclosure: Disclosure) -> Recorded | None:
        await administration.revoke(http.desk.database_url, "clinic", TIN, Function.CLAIM_STATUS, "access manager")
        tried.append(await record(self, disclosure))
        return tried[-1]

    monkeypatch.setattr(Disclosures, "record", revoke_and_record)
    assert numbers(await http.changes("claims", cursor)) == []
    assert tried == [None]
    await entitle_for_claims(http.desk.database_url)


async def test_a_submitter_that_was_renamed_meanwhile_is_told(http: Http) -> None:
    cursor = await begin(http)
    await load_claims(http.desk.database_url, [claim("NAME-1")])
    await administration.save_submitter(http.desk.database_url, replace(CLINIC, name="RIVERBEND CLINICS"))
    assert numbers(await http.changes("claims", cursor)) == ["NAME-1"]


@pytest.mark.parametrize("cursor", ["x", "A" * 200, "A" * 9000, "%FF"])
@pytest.mark.parametrize("feed", ["claims", "reviews"])
async def test_a_forged_cursor_gets_400_and_what_to_do(http: Http, feed: str, cursor: str) -> None:
    response = await http.changes(feed, cursor)
    assert response.status_code == 400
    assert response.json()["type"] == "urn:edi-gateway:problem:not-a-cursor"


async def test_a_cursor_of_another_feed_gets_400(http: Http) -> None:
    assert (await http.changes("reviews", await begin(http))).status_code == 400


async def test_a_cursor_too_old_gets_410_and_what_to_do(http: Http) -> None:
    cursor = await begin(http)
    async with another_program(http.desk.database_url) as connection:
        await connection.execute("UPDATE edi.change_horizon SET transaction = pg_current_xact_id()")
    response = await http.changes("claims", cursor)
    assert response.status_code == 410
    assert "begin anew without a cursor" in response.json()["detail"]
    assert (await http.changes("claims", await begin(http))).status_code == 200


@pytest.mark.parametrize("wait", ["31", "-1", "soon", "1e1"])
async def test_a_wait_is_up_to_thirty_seconds(http: Http, wait: str) -> None:
    assert (await http.get(f"/v1/claims/changes?wait={wait}")).status_code == 422


async def test_a_parameter_of_any_length_is_named_by_its_beginning(http: Http) -> None:
    response = await http.get(f"/v1/claims/changes?{'x' * 5000}=1")
    assert [error["field"] for error in response.json()["errors"]] == [f"{'x' * 200}..."]


async def test_one_submitter_cannot_take_all_places(database_url: str, redis_url: str) -> None:
    limits = replace(Limits(), followers_max=3, followers_per_submitter_max=1)
    async with open_claims_desk(database_url, redis_url) as desk, open_http(desk, limits) as http:
        cursor = await begin(http)
        waiting = asyncio.create_task(http.changes("claims", cursor, wait=30))
        await until(lambda: desk.gateway.following.waiting == 1)
        assert 'edi_gateway_followers{feed="claim_changes"} 1.0' in (await http.get("/metrics")).text
        refused = await http.changes("claims", cursor)
        assert (refused.status_code, "retry-after" in refused.headers) == (429, True)
        desk.gateway.end_waiting()
        assert (await waiting).status_code == 200


async def test_a_claim_told_by_a_line_that_counts_later_is_told_by_then(http: Http) -> None:
    cursor = await begin(http)
    await load_claims(http.desk.database_url, [claim("DAY-1", StatusEvent(date(2027, 1, 4), RECEIVED.codes))])
    assert numbers(await http.changes("claims", cursor)) == ["DAY-1"]
