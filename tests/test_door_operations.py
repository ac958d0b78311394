"""What probes and operators ask."""

import asyncio
from dataclasses import replace

import httpx

from gateway.doors.refusals import Refusal
from tests.door import RunningDoor, closing, running
from tests.patience import PATIENT


async def get(door: RunningDoor, path: str, method: str = "GET") -> httpx.Response:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{door.port}", timeout=60) as client:
        return await client.request(method, path)


async def test_a_live_process_says_so() -> None:
    async with running() as door:
        assert (await get(door, "/livez")).json() == {"status": "alive"}
        assert (await get(door, "/livez", "HEAD")).status_code == 200


async def test_readiness_follows_what_an_answer_needs() -> None:
    async def gone() -> bool:
        return False

    async with running() as door:
        assert (await get(door, "/readyz")).status_code == 200
        door.probe = gone
        refused = await get(door, "/readyz")
        assert refused.status_code == 503
        assert refused.headers["retry-after"]
        assert (await get(door, "/status.json")).json()["ready"] is False


async def test_a_dependency_that_hangs_is_not_waited_for() -> None:
    async with running(limits=replace(PATIENT, readiness_s_max=0.05)) as door:
        door.probe = lambda: asyncio.sleep(60)
        assert (await get(door, "/readyz")).status_code == 503


async def test_metrics_show_what_was_asked_a_moment_ago() -> None:
    async with running() as door:
        await door.exchange(closing(b"abc"))
        response = await get(door, "/metrics")
    assert response.headers["content-type"].startswith("text/plain; version=")
    assert "edi_gateway_request_seconds_count 1.0" in response.text


async def test_another_path_gets_404_and_another_method_405_as_problem_documents() -> None:
    async with running() as door:
        missing, wrong = await get(door, "/nothing"), await get(door, "/livez", "POST")
    assert (missing.status_code, wrong.status_code) == (404, 405)
    assert missing.json()["type"].endswith(Refusal.NOT_FOUND.value)
    assert wrong.headers["content-type"] == "application/problem+json"
    assert "GET" in wrong.headers["allow"]


async def test_a_bug_in_operations_is_not_a_500() -> None:
    async def broken() -> bool:
        raise KeyError("MARKED^NAME")

    async with running() as door:
        door.probe = broken
        response = await get(door, "/readyz")
    assert response.status_code == 503
    assert "MARKED" not in response.text
