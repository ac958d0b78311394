"""``GET /v1/claims``: the content of a 277 in JSON, unchanged claims for next to nothing, and changes as they come."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime

import httpx
import pytest

from gateway.doors.claims.door import CLAIMS_PATH, ONE_CLAIM_PATHS, ClaimsDoor
from gateway.doors.claims.finding import Finder
from gateway.doors.connections import Patrol
from gateway.doors.front import build_front
from gateway.doors.keys import BearerKeys
from gateway.doors.operations import build_operations
from gateway.doors.real_time import InWork
from gateway.doors.serving import http_server
from gateway.limits import Limits
from gateway.store import administration
from gateway.store.claim_loading import load_claims
from rules.facts import Function
from tests.claims_desk import FAR_TIN, PAID, PENDED, RECEIVED, TIN, claim, entitle_for_claims, open_claims_desk
from tests.real_time import NOW, Desk
from tests.store_support import another_program, until

pytestmark = pytest.mark.store

CLAIMS = (
    claim("CN-1"),
    claim("CN-2", RECEIVED, PENDED),
    claim("FAR-1", billing_tin=FAR_TIN),
    claim("SON-1", patient_number="02"),
)
WHO = {"npi": "1234567893", "memberId": "W100000001", "lastName": "QUILLFEATHER"}


def now() -> datetime:
    return NOW


@dataclass
class Client:
    """Somebody with a key, before a door on a socket."""

    http: httpx.AsyncClient
    desk: Desk

    async def get(self, path: str = "", **headers: str) -> httpx.Response:
        return await self.http.get(f"{CLAIMS_PATH}{path}", headers=headers)

    async def search(self, **parameters: str) -> httpx.Response:
        return await self.http.get(CLAIMS_PATH, params=WHO | parameters)

    async def changes(self, cursor: str = "", wait: int = 0) -> httpx.Response:
        return await self.http.get(f"{CLAIMS_PATH}/changes", params={"cursor": cursor, "wait": str(wait)})


@asynccontextmanager
async def open_door(desk: Desk) -> AsyncIterator[Client]:
    gateway, limits = desk.gateway, Limits()
    door = ClaimsDoor(
        BearerKeys(gateway.facts),
        gateway.facts,
        gateway.pipeline,
        gateway.following,
        gateway.configuration,
        InWork(gateway.metrics, limits),
        gateway.metrics,
        limits,
        now,
    )
    operations = build_operations(gateway.ready, gateway.metrics, limits)
    front = build_front({CLAIMS_PATH: door, ONE_CLAIM_PATHS: door}, operations, gateway.metrics)
    server = http_server(front, Patrol(limits, gateway.metrics), limits)
    server.on_stop = gateway.following.end
    with socket.create_server(("127.0.0.1", 0)) as listener:
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        async with httpx.AsyncClient(base_url=url, headers={"authorization": f"Bearer {desk.key}"}, timeout=40) as http:
            yield Client(http, desk)
        server.stop()
        await serving


@pytest.fixture
async def client(database_url: str, redis_url: str) -> AsyncIterator[Client]:
    async with open_claims_desk(database_url, redis_url, *CLAIMS) as desk, open_door(desk) as client:
        yield client


async def test_a_claim_is_told_by_its_number_with_codes_and_their_meanings(client: Client) -> None:
    response = await client.get("/CN-1")
    assert response.status_code == 200
    assert response.headers["x-edi-outcome"] == "277"
    [told] = response.json()["claims"]
    assert told["claimNumber"] == "CN-1"
    assert told["serviceDates"] == {"first": "2026-09-01", "last": "2026-09-01"}
    assert told["status"] == [
        {
            "codes": [{"category": "F1", "categoryMeaning": "paid", "code": "65", "meaning": "paid"}],
            "effective": "2026-09-18",
            "charge": "250",
            "paid": "180.4",
            "adjudicated": "2026-09-17",
            "paymentDate": "2026-09-21",
            "paymentNumber": "EFT0009",
        }
    ]


async def test_a_dependents_claim_is_told_too(client: Client) -> None:
    assert (await client.get("/SON-1")).json()["claims"][0]["claimNumber"] == "SON-1"


@pytest.mark.parametrize("number", ["FAR-1", "NOBODYS", "%00", "x" * 300, "%F0%9F%98%80"])
async def test_a_claim_that_is_not_the_callers_is_not_found(client: Client, number: str) -> None:
    response = await client.get(f"/{number}")
    assert response.status_code == 404
    assert response.json()["type"] == "urn:edi-gateway:problem:not-found"


async def test_an_unchanged_claim_is_304_and_recorded_nowhere(client: Client) -> None:
    first = await client.get("/CN-1")
    answers = await count_answers(client)
    again = await client.get("/CN-1", **{"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert int(again.headers["retry-after"]) == int(first.headers["retry-after"]) == 7 * 86_400
    assert await count_answers(client) == answers


async def count_answers(client: Client) -> int:
    async with another_program(client.desk.database_url) as connection:
        return int(await connection.fetchval("SELECT count(*) FROM edi.audit"))


async def test_a_claim_that_has_changed_is_told_anew(client: Client) -> None:
    await load_claims(client.desk.database_url, [claim("CN-2", RECEIVED, PENDED)])
    tag = (await client.get("/CN-2")).headers["etag"]
    await load_claims(client.desk.database_url, [claim("CN-2", RECEIVED, PENDED, PAID)])

    async def is_told() -> bool:
        return (await client.get("/CN-2", **{"if-none-match": tag})).status_code == 200

    await until(is_told)
    status = (await client.get("/CN-2")).json()["claims"][0]["status"]
    assert status[0]["codes"][0]["category"] == "F1"


async def test_who_has_lost_the_entitlement_is_not_told_that_nothing_changed(client: Client) -> None:
    tag = (await client.get("/CN-1")).headers["etag"]
    await administration.revoke(client.desk.database_url, "clinic", TIN, Function.CLAIM_STATUS, "access manager")

    async def is_not_found() -> bool:
        return (await client.get("/CN-1", **{"if-none-match": tag})).status_code == 404

    await until(is_not_found)
    await entitle_for_claims(client.desk.database_url)


async def test_a_search_gives_what_a_276_would(client: Client) -> None:
    response = await client.search(patientAccount="ACC-CN-2")
    assert response.json()["claims"][0]["claimNumber"] == "CN-2"
    assert (await client.search(claimNumber="NONE")).json()["claims"][0]["status"][0]["codes"][0]["category"] == "D0"
    tag = response.headers["etag"]
    again = await client.http.get(
        CLAIMS_PATH, params=WHO | {"patientAccount": "ACC-CN-2"}, headers={"if-none-match": f'"x", W/{tag}'}
    )
    assert again.status_code == 304


async def test_a_search_by_who_may_not_ask_is_refused_in_the_answer(client: Client) -> None:
    response = await client.search(npi="1111111112")
    assert response.headers["x-edi-outcome"] == "STC"
    refused = response.json()["refused"]
    assert (refused["loop"], refused["status"]["codes"][0]["category"]) == ("2200C", "E4")


@pytest.mark.parametrize(
    ("parameters", "fields"),
    [
        ({"npi": ""}, ["npi"]),
        ({"birthDate": "19800231", "from": "tomorrow"}, ["birthDate", "from"]),
        ({"colour": "red"}, ["colour"]),
        ({"patientAccount": "A*B", "charge": "NaN"}, ["patientAccount", "charge"]),
        ({"claimNumber": "9" * 51}, ["claimNumber"]),
    ],
)
async def test_what_cannot_be_asked_is_told_by_parameter(
    client: Client, parameters: dict[str, str], fields: list[str]
) -> None:
    response = await client.search(**parameters)
    assert response.status_code == 422
    assert [error["field"] for error in response.json()["errors"]] == fields


async def test_changes_are_told_once_from_a_cursor_on(client: Client) -> None:
    begun = (await client.changes()).json()
    assert begun["changes"] == []
    await load_claims(client.desk.database_url, [claim("NEW-1", RECEIVED), claim("NEW-FAR", billing_tin=FAR_TIN)])
    told = (await client.changes(begun["cursor"])).json()
    assert [change["claim"]["claimNumber"] for change in told["changes"]] == ["NEW-1"]
    assert told["changes"][0]["claim"]["status"][0]["codes"][0]["code"] == "19"
    assert (await client.changes(told["cursor"])).json()["changes"] == []


async def test_a_long_poll_returns_as_soon_as_a_claim_changes(client: Client) -> None:
    cursor = (await client.changes()).json()["cursor"]
    waiting = asyncio.create_task(client.changes(cursor, wait=30))
    await until(lambda: client.desk.gateway.following.waiting == 1)
    await load_claims(client.desk.database_url, [claim("NEW-2", RECEIVED)])
    told = (await asyncio.wait_for(waiting, 5)).json()
    assert [change["claim"]["claimNumber"] for change in told["changes"]] == ["NEW-2"]


async def test_nobody_waits_for_a_client_whose_connection_is_reset(client: Client) -> None:
    cursor = (await client.changes()).json()["cursor"]
    _, writer = await asyncio.open_connection("127.0.0.1", client.http.base_url.port)
    request = f"GET {CLAIMS_PATH}/changes?wait=30&cursor={cursor} HTTP/1.1\r\nhost: x\r\n"
    writer.write(f"{request}authorization: Bearer {client.desk.key}\r\n\r\n".encode())
    await until(lambda: client.desk.gateway.following.waiting == 1)
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
    await until(lambda: client.desk.gateway.following.waiting == 0)


@pytest.mark.parametrize("cursor", ["x", "A" * 200, "A" * 9000, "%FF"])
async def test_a_forged_cursor_gets_400_and_what_to_do(client: Client, cursor: str) -> None:
    response = await client.changes(cursor)
    assert response.status_code == 400
    assert response.json()["type"] == "urn:edi-gateway:problem:not-a-cursor"


async def test_a_cursor_too_old_gets_410(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    cursor = (await client.changes()).json()["cursor"]
    monkeypatch.setattr("gateway.cursors.CURSOR_DAYS_MAX", -1)
    assert (await client.changes(cursor)).status_code == 410


@pytest.mark.parametrize("wait", ["31", "-1", "soon", "1e1"])
async def test_a_wait_is_up_to_thirty_seconds(client: Client, wait: str) -> None:
    response = await client.http.get(f"{CLAIMS_PATH}/changes", params={"wait": wait})
    assert response.status_code == 422


@pytest.mark.parametrize("path", ["", "/CN-1", "/changes"])
async def test_who_has_no_key_learns_nothing(client: Client, path: str) -> None:
    response = await client.get(path, authorization="Bearer nobody")
    assert response.status_code == 401


async def test_nothing_of_a_patient_or_claim_is_in_what_could_be_logged(client: Client) -> None:
    await load_claims(client.desk.database_url, [claim("PRIVATE", claim_id="K7")])
    finder = Finder(client.desk.gateway.facts, client.desk.gateway.configuration)
    caller = await BearerKeys(client.desk.gateway.facts).authenticate(f"Bearer {client.desk.key}".encode())
    found = await finder.find("PRIVATE", caller, NOW)
    assert found is not None
    shown = repr((found, found.question))
    assert not any(secret in shown for secret in ("QUILLFEATHER", "ODA", "W100000001", "PRIVATE", "1980"))


async def test_only_get_is_answered(client: Client) -> None:
    response = await client.http.post(f"{CLAIMS_PATH}/CN-1")
    assert (response.status_code, response.headers["allow"]) == (405, "GET")


async def test_a_split_claim_is_told_whole_by_its_former_number(client: Client) -> None:
    parts = [replace(claim(f"SP-{part}"), former_numbers=("SP",)) for part in (1, 2)]
    await load_claims(client.desk.database_url, parts)
    told = (await client.get("/SP")).json()["claims"]
    assert [each["claimNumber"] for each in told] == ["SP-1", "SP-2"]
