"""The whole gateway over HTTP, on real servers: a 270 in, a 271 out, and nothing that a client sends breaks it."""

import asyncio
import logging
import random
import re
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
import pytest

from gateway.doors.connections import Patrol
from gateway.doors.serving import http_server
from gateway.embedded import EmbeddedServers
from gateway.logs import JsonFormatter
from gateway.server_process import build_application
from gateway.store.administration import revoke_api_keys
from parsers import check
from tests.patience import PATIENT
from tests.real_time import Desk, family, inquiry, open_desk
from tests.store_support import another_program, until

pytestmark = pytest.mark.store

OUTCOMES = {"271", "AAA", "999", "TA1"}


@dataclass
class Counter:
    """Where a client asks."""

    client: httpx.AsyncClient
    desk: Desk

    async def post(self, data: bytes, key: str | None = None) -> httpx.Response:
        headers = {"authorization": f"Bearer {key or self.desk.key}", "content-type": "application/edi-x12"}
        return await self.client.post("/x12", content=data, headers=headers)


@asynccontextmanager
async def counter(database_url: str, redis_url: str) -> AsyncIterator[Counter]:
    async with open_desk(database_url, redis_url) as desk:
        listener = socket.create_server(("127.0.0.1", 0))
        patrol = Patrol(PATIENT, desk.gateway.metrics)
        server = http_server(build_application(desk.gateway, PATIENT), patrol, PATIENT)
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        async with httpx.AsyncClient(base_url=url, timeout=120) as client:
            yield Counter(client, desk)
        server.stop()
        await serving


async def test_a_270_gets_its_271(database_url: str, redis_url: str) -> None:
    async with counter(database_url, redis_url) as at:
        response = await at.post(inquiry())
        assert (response.status_code, response.headers["x-edi-outcome"]) == (200, "271")
        assert b"~ST*271*0001*005010X279A1~" in response.content
        assert check(response.content).accepted


async def test_answers_at_the_same_time_have_control_numbers_of_their_own(database_url: str, redis_url: str) -> None:
    async with counter(database_url, redis_url) as at:
        responses = await asyncio.gather(*(at.post(inquiry(reference=f"R{n}")) for n in range(40)))
    numbers = {response.content.split(b"*")[13] for response in responses}
    assert len(numbers) == 40
    references = {re.search(rb"BHT\*0022\*11\*(R\d+)\*", response.content)[1] for response in responses}  # type: ignore[index]
    assert len(references) == 40


async def test_the_audit_tells_when_the_answer_left(database_url: str, redis_url: str) -> None:
    async with counter(database_url, redis_url) as at:
        number = (await at.post(inquiry())).content.split(b"*")[13].decode()
        async with another_program(database_url) as connection:

            async def has_left() -> bool:
                sent = "SELECT sent_at FROM edi.answer WHERE control_number = $1::bigint"
                return await connection.fetchval(sent, int(number)) is not None

            await until(has_left)
        text = (await at.client.get("/metrics")).text
    assert 'edi_gateway_requests_total{mode="real_time",outcome="271",transaction="270"} 1.0' in text
    assert 'edi_gateway_stage_seconds_count{stage="audit"} 1.0' in text


def mutated(good: bytes, chance: random.Random) -> bytes:
    """The interchange with some bytes changed, cut out, doubled or moved."""
    data = bytearray(good)
    for _ in range(chance.randint(1, 6)):
        place = chance.randrange(len(data))
        length = chance.randint(1, 40)
        match chance.randrange(5):
            case 0:
                data[place] = chance.randrange(256)
            case 1:
                del data[place : place + length]
            case 2:
                data[place:place] = data[place : place + length]
            case 3:
                data[place:place] = chance.randbytes(length)
            case 4:
                data[place:place] = chance.choice(
                    (b"~", b"*", b":", b"^", b"\n", b"~HL*3*2*22*0", b"~SE*1*0001~ST*270")
                )
        data = data or bytearray(b" ")
    return bytes(data)


async def test_whatever_comes_is_answered_in_x12(database_url: str, redis_url: str) -> None:
    chance = random.Random(20261121)
    good = inquiry()
    async with counter(database_url, redis_url) as at:
        noise = [b"", b"\x00" * 500, b"ISA" * 60, chance.randbytes(5000), b"\xff\xfe", good[:50], good * 2, good[:-7]]
        sent = noise + [mutated(good, chance) for _ in range(300)]
        for data, response in zip(sent, await asyncio.gather(*map(at.post, sent)), strict=True):
            assert response.status_code == 200, data
            assert response.headers["x-edi-outcome"] in OUTCOMES
            assert response.content.startswith(b"ISA*")
            assert b"~IEA*" in response.content
            assert response.content.endswith(b"~") or data[105:106] != b"~"


async def test_nobody_is_named_outside_the_answer(
    database_url: str, redis_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    person = family().subscriber
    marks = (person.last_name, "W100000001", "19800131", "1980-01-31", "MARKEDNAME")
    asked = (
        inquiry(),
        inquiry(name="MARKEDNAME*ODA"),
        inquiry(name="MARKEDNAME*ODA", born="19801399"),
        inquiry(asked="EQ*ZZZZ~"),
        inquiry(npi="1"),
        inquiry()[:-40],
        inquiry(sender="MARKEDNAME"),
    )
    async with counter(database_url, redis_url) as at:
        outside = [(await at.post(data)).headers for data in asked]
        outside.append((await at.post(inquiry(name="MARKEDNAME*ODA"), key="MARKEDNAME")).text)
        outside.append((await at.client.post("/MARKEDNAME", content=inquiry())).text)
        outside += [(await at.client.get(path)).text for path in ("/metrics", "/status.json", "/readyz")]
    outside += [JsonFormatter().format(record) for record in caplog.records]
    told = "\n".join(str(each) for each in outside)
    assert not [mark for mark in marks if mark in told]


async def test_another_way_of_authentication_is_told_the_right_one(database_url: str, redis_url: str) -> None:
    async with counter(database_url, redis_url) as at:
        headers = {"authorization": "Basic Y2xpbmljOng=", "content-type": "application/edi-x12"}
        response = await at.client.post("/x12", content=inquiry(), headers=headers)
    assert (response.status_code, response.json()["type"].rpartition(":")[2]) == (401, "credentials-missing")


async def test_a_key_revoked_while_it_is_in_use_counts_at_once(database_url: str, redis_url: str) -> None:
    async with counter(database_url, redis_url) as at:
        assert (await at.post(inquiry())).status_code == 200
        await revoke_api_keys(database_url, "clinic")
        assert [(await at.post(inquiry())).status_code for _ in range(3)] == [401] * 3


async def test_without_redis_answers_go_on_and_without_postgresql_the_client_is_told_to_come_back(
    database_url: str, redis_url: str, servers: EmbeddedServers
) -> None:
    async with counter(database_url, redis_url) as at:
        servers.valkey.stop()
        try:
            assert (await at.post(inquiry())).headers["x-edi-outcome"] == "271"
        finally:
            servers.valkey.start()
        servers.postgres.stop()
        try:
            response = await at.post(inquiry())
            assert response.status_code == 503
            assert response.json()["type"].endswith("outage")
            assert int(response.headers["retry-after"]) > 0
            assert (await at.client.get("/readyz")).status_code == 503
            assert (await at.client.get("/livez")).status_code == 200
        finally:
            servers.postgres.start()

        async def answers() -> bool:
            return (await at.post(inquiry())).headers.get("x-edi-outcome") == "271"

        await until(answers)
        text = (await at.client.get("/metrics")).text
        assert 'edi_gateway_outages_total{dependency="database"}' in text
