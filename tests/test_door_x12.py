"""``POST /x12``: what HTTP refuses, and that everything else is X12's business."""

import asyncio
import logging
from dataclasses import replace

import httpx
import orjson
import pytest

from edi.errors import Outage
from gateway.doors.refusals import DOCUMENTS, Refusal
from gateway.exchange import CredentialWithdrawn
from gateway.logs import JsonFormatter
from tests.door import Echo, RunningDoor, request, running
from tests.patience import PATIENT
from tests.store_support import until

X12 = {"authorization": "Bearer good-key", "content-type": "application/edi-x12"}


async def post(door: RunningDoor, content: object = b"hello", **headers: str) -> httpx.Response:
    fields = X12 | {name.replace("_", "-"): value for name, value in headers.items()}
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{door.port}", timeout=60) as client:
        return await client.post("/x12", content=content, headers={k: v for k, v in fields.items() if v})


def assert_refused(response: httpx.Response, refusal: Refusal, status: int) -> None:
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    problem = orjson.loads(response.content)
    assert problem["type"] == f"urn:edi-gateway:problem:{refusal.value}"
    assert problem["status"] == status
    assert problem["title"]
    assert problem["detail"]


async def test_an_answer_has_status_200_its_outcome_and_the_x12_media_type() -> None:
    async with running() as door:
        response = await post(door)
    assert response.status_code == 200
    assert response.content == b"olleh"
    assert response.headers["x-edi-outcome"] == "271"
    assert response.headers["content-type"] == "application/edi-x12"


@pytest.mark.parametrize(
    "media_type", ["application/EDI-X12", "application/edi-x12; charset=utf-8", "APPLICATION/EDI-X12 ;a=b"]
)
async def test_the_media_type_may_be_written_in_capitals_and_with_parameters(media_type: str) -> None:
    async with running() as door:
        assert (await post(door, content_type=media_type)).status_code == 200


async def test_an_empty_body_is_for_x12_to_answer() -> None:
    async with running() as door:
        assert (await post(door, b"")).status_code == 200
        assert door.echo.asked == [b""]


async def test_a_chunked_body_is_put_together() -> None:
    async def parts():
        for part in (b"ab", b"cd", b"ef"):
            yield part

    async with running() as door:
        assert (await post(door, parts())).content == b"fedcba"


async def test_no_credentials_get_401_and_how_to_send_them() -> None:
    async with running() as door:
        response = await post(door, authorization="")
    assert_refused(response, Refusal.CREDENTIALS_MISSING, 401)
    assert response.headers["www-authenticate"] == 'Bearer realm="edi-gateway"'


async def test_an_unknown_key_gets_401() -> None:
    async with running() as door:
        response = await post(door, authorization="Bearer bad")
    assert_refused(response, Refusal.CREDENTIALS_UNKNOWN, 401)
    assert "invalid_token" in response.headers["www-authenticate"]


async def test_a_refused_caller_is_not_asked_for_the_body() -> None:
    async with running() as door:
        reader, writer = await door.connect()
        writer.write(b"POST /x12 HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\nexpect: 100-continue\r\n\r\n")
        assert (await reader.readline()).startswith(b"HTTP/1.1 401")
        writer.close()


@pytest.mark.parametrize("media_type", ["", "text/plain", "application/json", "application/edi-x12x"])
async def test_another_media_type_gets_415(media_type: str) -> None:
    async with running() as door:
        response = await post(door, content_type=media_type)
    assert_refused(response, Refusal.MEDIA_TYPE, 415)
    assert response.headers["accept"] == "application/edi-x12"


async def test_a_content_encoding_gets_415() -> None:
    async with running() as door:
        assert_refused(await post(door, content_encoding="gzip"), Refusal.CONTENT_ENCODING, 415)


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "OPTIONS"])
async def test_another_method_gets_405(method: str) -> None:
    async with running() as door, httpx.AsyncClient(base_url=f"http://127.0.0.1:{door.port}", timeout=60) as client:
        response = await client.request(method, "/x12", headers=X12)
    assert_refused(response, Refusal.METHOD, 405)
    assert response.headers["allow"] == "POST"


async def test_an_announced_body_over_the_limit_gets_413_before_it_comes() -> None:
    async with running(limits=replace(PATIENT, interchange_bytes_max=1000)) as door:
        reader, writer = await door.connect()
        head = b"POST /x12 HTTP/1.1\r\nhost: a\r\nauthorization: Bearer k\r\ncontent-type: application/edi-x12\r\n"
        writer.write(head + b"content-length: 1001\r\n\r\n")
        assert (await reader.readline()).startswith(b"HTTP/1.1 413")
        writer.close()


async def test_a_chunked_body_over_the_limit_gets_413_and_is_not_answered() -> None:
    async def parts():
        for _ in range(100):
            yield b"x" * 1000

    async with running(limits=replace(PATIENT, interchange_bytes_max=2000)) as door:
        assert_refused(await post(door, parts()), Refusal.TOO_LARGE, 413)
        assert door.echo.asked == []


async def test_a_sender_of_far_too_much_still_reads_why() -> None:
    async with running(limits=replace(PATIENT, interchange_bytes_max=1000)) as door:
        assert_refused(await post(door, b"x" * 5_000_000), Refusal.TOO_LARGE, 413)


async def test_the_access_log_tells_outcomes_and_nothing_else(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "gateway")
    async with running(access_log=True) as door:
        await post(door, b"MARKED")
        await post(door, b"MARKED", authorization="Bearer bad MARKED")
    told = [orjson.loads(JsonFormatter().format(record)) for record in caplog.records]
    assert [(line["event"], line.get("outcome", line.get("refusal"))) for line in told] == [
        ("answered", "271"),
        ("refused", "credentials-unknown"),
    ]
    assert "MARKED" not in str(told)


async def test_http_1_0_is_answered_and_closed() -> None:
    async with running() as door:
        answer = await door.exchange(request(b"abc").replace(b"HTTP/1.1", b"HTTP/1.0"))
    assert answer.endswith(b"cba")


async def test_the_audit_is_told_when_an_answer_left_and_only_then() -> None:
    async with running() as door:
        await post(door)
        await post(door, authorization="Bearer bad")
        assert len(door.echo.sent) == 1


async def test_a_credential_withdrawn_while_the_answer_is_computed_gets_401() -> None:
    async def withdraw(_: bytes) -> None:
        raise CredentialWithdrawn

    async with running(Echo(withdraw)) as door:
        assert_refused(await post(door), Refusal.CREDENTIALS_UNKNOWN, 401)


async def test_an_outage_gets_503_and_when_to_come_back() -> None:
    async def fail(_: bytes) -> None:
        raise Outage("database")

    async with running(Echo(fail)) as door:
        response = await post(door)
    assert_refused(response, Refusal.OUTAGE, 503)
    assert int(response.headers["retry-after"]) > 0


async def test_an_outage_is_logged_once_for_many_requests(caplog: pytest.LogCaptureFixture) -> None:
    async def fail(_: bytes) -> None:
        raise Outage("database")

    async with running(Echo(fail)) as door:
        for _ in range(3):
            await post(door)
    assert [record.message for record in caplog.records] == ["a request could not be answered"]


async def test_a_bug_gets_503_and_a_log_line_without_its_text(caplog: pytest.LogCaptureFixture) -> None:
    async def fail(_: bytes) -> None:
        raise KeyError("MARKED^NAME")

    async with running(Echo(fail)) as door:
        assert_refused(await post(door), Refusal.OUR_FAULT, 503)
        assert 'edi_gateway_refusals_total{refusal="our-fault"} 1.0' in door.figures()
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == ["an answer failed"]


async def test_an_answer_that_takes_too_long_gets_503() -> None:
    async with running(Echo(lambda _: asyncio.sleep(600)), replace(PATIENT, answer_s_max=0.05)) as door:
        assert_refused(await post(door), Refusal.OUT_OF_TIME, 503)
        assert door.metrics.in_work == 0


async def test_more_requests_than_can_be_in_work_get_503() -> None:
    goes_on = asyncio.Event()
    limits = replace(PATIENT, requests_in_work_max=2, requests_in_work_per_submitter_max=2)
    async with running(Echo(lambda _: goes_on.wait()), limits) as door:
        asking = [asyncio.create_task(post(door, authorization=f"Bearer k{n}")) for n in range(5)]
        await until(lambda: sum(each.done() for each in asking) == 3)
        goes_on.set()
        responses = await asyncio.gather(*asking)
    assert sorted(response.status_code for response in responses) == [200, 200, 503, 503, 503]
    assert_refused(max(responses, key=lambda r: r.status_code), Refusal.BUSY, 503)


async def test_one_submitter_cannot_take_all_the_places() -> None:
    goes_on = asyncio.Event()
    limits = replace(PATIENT, requests_in_work_max=3, requests_in_work_per_submitter_max=2)
    async with running(Echo(lambda _: goes_on.wait()), limits) as door:
        mine = [asyncio.create_task(post(door, authorization="Bearer greedy")) for _ in range(4)]
        await until(lambda: sum(each.done() for each in mine) == 2)
        others = asyncio.create_task(post(door, authorization="Bearer other"))
        await until(lambda: len(door.echo.asked) == 3)
        goes_on.set()
        *greedy, other = await asyncio.gather(*mine, others)
    assert sorted(response.status_code for response in greedy) == [200, 200, 429, 429]
    refused = next(response for response in greedy if response.status_code == 429)
    assert_refused(refused, Refusal.TOO_MANY, 429)
    assert int(refused.headers["retry-after"]) > 0
    assert other.status_code == 200


async def test_a_client_that_hangs_up_mid_body_leaves_nothing_behind() -> None:
    async with running() as door:
        _, writer = await door.connect()
        writer.write(
            b"POST /x12 HTTP/1.1\r\nhost: a\r\nauthorization: Bearer k\r\ncontent-type: application/edi-x12\r\n"
        )
        writer.write(b"content-length: 100\r\n\r\nabc")
        await until(lambda: bool(door.server.server_state.tasks))
        writer.transport.abort()
        await until(lambda: not door.server.server_state.tasks)
        assert door.echo.asked == []
        assert (await post(door)).status_code == 200


async def test_a_stop_tells_the_clients_whose_answers_it_cuts_off() -> None:
    async with running(Echo(lambda _: asyncio.sleep(600)), replace(PATIENT, drain_s_max=0.2)) as door:
        asking = asyncio.create_task(post(door))
        await until(lambda: bool(door.echo.asked))
        door.server.stop()
        assert_refused(await asking, Refusal.STOPPING, 503)


def test_every_refusal_has_its_document_and_none_is_a_500() -> None:
    assert set(DOCUMENTS) == set(Refusal)
    assert all(400 <= document.status < 600 and document.status != 500 for document in DOCUMENTS.values())
