"""``GET /v1/explain/{number}``: for the submitter that asked, masked, and for nobody else."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import httpx
import pytest

from gateway.doors.connections import Patrol
from gateway.doors.serving import http_server
from gateway.embedded import EmbeddedServers
from gateway.server_process import build_application
from gateway.store import administration
from gateway.store.forgetting import forget_inquiries
from rules.facts import Submitter
from tests.patience import PATIENT
from tests.real_time import Desk, inquiry, open_desk

pytestmark = pytest.mark.store


@dataclass
class Client:
    """A submitter's program."""

    http: httpx.AsyncClient
    desk: Desk

    async def explain(self, number: str, key: str | None = None) -> httpx.Response:
        headers = {"authorization": f"Bearer {key or self.desk.key}"}
        return await self.http.get(f"/v1/explain/{number}", headers=headers)

    async def trace(self) -> str:
        """Of a new answer."""
        answer = await self.desk.ask(inquiry())
        return next(line.split("*")[2] for line in answer.of("TRN") if line.startswith("TRN*1*"))


@asynccontextmanager
async def serving(database_url: str, redis_url: str) -> AsyncIterator[Client]:
    async with open_desk(database_url, redis_url) as desk:
        listener = socket.create_server(("127.0.0.1", 0))
        patrol = Patrol(PATIENT, desk.gateway.metrics)
        server = http_server(build_application(desk.gateway, PATIENT), patrol, PATIENT)
        task = asyncio.create_task(server.serve(sockets=[listener]))
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        async with httpx.AsyncClient(base_url=url, timeout=120) as http:
            yield Client(http, desk)
        server.stop()
        await task


async def test_the_submitter_that_asked_is_told_why(database_url: str, redis_url: str) -> None:
    async with serving(database_url, redis_url) as client:
        response = await client.explain(await client.trace())
        assert (response.status_code, response.headers["cache-control"]) == (200, "no-store")
        told = response.json()
        assert (told["outcome"], told["is_same"]) == ("271", True)
        assert told["patients"][0]["lines"][0]["rule"] == "coverage status"
        assert not [mark for mark in ("QUILLFEATHER", "W100000001", "1980") if mark in response.text]
        number = f"{told['control_number']:09d}"
        assert (await client.explain(number)).json()["trace"] == told["trace"]


async def test_somebody_elses_trace_is_not_found(database_url: str, redis_url: str) -> None:
    async with serving(database_url, redis_url) as client:
        trace = await client.trace()
        await administration.save_submitter(database_url, Submitter("other", "OTHER", "ZZ", "OTHER"))
        response = await client.explain(trace, await administration.create_api_key(database_url, "other"))
        assert response.status_code == 404
        assert response.headers["content-type"] == "application/problem+json"
        assert response.content == (await client.explain("0" * 32)).content


async def test_an_answer_whose_inquiry_is_not_kept_any_more_is_gone(database_url: str, redis_url: str) -> None:
    async with serving(database_url, redis_url) as client:
        trace = await client.trace()
        await forget_inquiries(database_url, client.desk.now + timedelta(days=1))
        response = await client.explain(trace)
        assert response.status_code == 410
        assert response.json()["detail"].startswith("The answer is on record, but its inquiry is not kept any more")
        assert (await client.explain(await client.trace())).status_code == 200


async def test_a_key_that_is_missing_wrong_or_revoked_gets_401(database_url: str, redis_url: str) -> None:
    async with serving(database_url, redis_url) as client:
        trace = await client.trace()
        assert (await client.http.get(f"/v1/explain/{trace}")).status_code == 401
        assert (await client.explain(trace, "edi_wrong")).status_code == 401
        assert (await client.explain(trace)).status_code == 200
        await administration.revoke_api_keys(database_url, "clinic")
        assert (await client.explain(trace)).status_code == 401


async def test_without_postgresql_the_client_is_told_to_come_back(
    database_url: str, redis_url: str, servers: EmbeddedServers
) -> None:
    async with serving(database_url, redis_url) as client:
        trace = await client.trace()
        servers.postgres.stop()
        try:
            response = await client.explain(trace)
            assert response.status_code == 503
            assert int(response.headers["retry-after"]) > 0
        finally:
            servers.postgres.start()


async def test_only_get_is_allowed_and_odd_paths_are_not_found(database_url: str, redis_url: str) -> None:
    async with serving(database_url, redis_url) as client:
        assert (await client.http.post("/v1/explain/A")).status_code == 405
        for path in ("%00", "..%2fA", "%ff", "'", "A" * 3000):
            assert (await client.explain(path)).status_code == 404
