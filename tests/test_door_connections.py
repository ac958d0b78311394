"""What a client can do to a connection, with real sockets: be silent, drip, stop reading, pipeline, break off."""

import asyncio
import itertools
import socket
from dataclasses import replace

import pytest

from tests.door import Echo, RunningDoor, closing, request, running
from tests.patience import PATIENT
from tests.store_support import until

WATCHFUL = replace(PATIENT, sweep_s=0.05)
HEAD_SHORT = replace(WATCHFUL, head_s_max=0.3)
BODY_SHORT = replace(WATCHFUL, body_s_max=0.3)
READ_SECONDS_MAX = 60.0
"""Nothing that is awaited takes nearly as long."""

HEAD = b"POST /x12 HTTP/1.1\r\nhost: a\r\nauthorization: Bearer k\r\ncontent-type: application/edi-x12\r\n"


async def rest(reader: asyncio.StreamReader) -> bytes:
    """What comes until the gateway closes."""
    return await asyncio.wait_for(reader.read(), READ_SECONDS_MAX)


async def drip(door: RunningDoor, start: bytes, drops: bytes) -> bytes:
    """Send one byte at a time, again and again, until the gateway closes; what it sent."""

    async def send() -> None:
        for drop in itertools.cycle(drops):
            writer.write(bytes([drop]))
            await asyncio.sleep(0.02)

    reader, writer = await door.connect()
    writer.write(start)
    dripping = asyncio.create_task(send())
    try:
        return await rest(reader)
    finally:
        dripping.cancel()
        writer.close()


async def send_on(writer: asyncio.StreamWriter) -> None:
    for _ in range(2000):
        writer.write(b"x" * 10_000)
        await writer.drain()


async def ask_on(client: socket.socket) -> None:
    while True:
        await asyncio.get_running_loop().sock_sendall(client, request(b"x" * 200_000))


async def test_a_silent_client_is_closed() -> None:
    async with running(limits=HEAD_SHORT) as door:
        reader, writer = await door.connect()
        assert await rest(reader) == b""
        writer.close()
        assert 'connections_closed_total{reason="silent"} 1.0' in door.figures()


async def test_a_client_that_sends_only_line_ends_is_closed() -> None:
    async with running(limits=HEAD_SHORT) as door:
        assert b"HTTP/1.1 200 " not in await drip(door, b"", b"\r\n")


async def test_a_client_that_drips_its_head_is_told_and_closed() -> None:
    async with running(limits=HEAD_SHORT) as door:
        answer = await drip(door, b"POST /x12 HTTP/1.1\r\nx-field: ", b"a")
        assert 'connections_closed_total{reason="slow_head"} 1.0' in door.figures()
    assert answer.startswith(b"HTTP/1.1 408 ")


async def test_a_client_that_drips_its_body_is_told_and_closed() -> None:
    async with running(limits=BODY_SHORT) as door:
        answer = await drip(door, HEAD + b"content-length: 100000\r\n\r\n", b"a")
        assert 'connections_closed_total{reason="slow_body"} 1.0' in door.figures()
        assert door.echo.asked == []
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"application/problem+json" in answer


async def test_a_client_that_drips_its_second_request_is_closed_too() -> None:
    async with running(limits=replace(WATCHFUL, head_s_max=1.0)) as door:
        answer = await drip(door, request(b"abc") + b"POST /x12", b" ")
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b"HTTP/1.1 408 " in answer


async def test_a_refused_client_that_drips_its_body_is_closed() -> None:
    async with running(limits=BODY_SHORT) as door:
        answer = await drip(door, b"POST /x12 HTTP/1.1\r\ncontent-length: 100000\r\n\r\n", b"a")
    assert answer.count(b"HTTP/1.1 ") == 1
    assert answer.startswith(b"HTTP/1.1 401 ")


async def test_an_idle_connection_is_kept_for_longer_than_a_request_may_take() -> None:
    async with running(limits=replace(WATCHFUL, head_s_max=1.0, body_s_max=1.0)) as door:
        reader, writer = await door.connect()
        for _ in range(2):
            writer.write(request(b"abc"))
            assert (await reader.readuntil(b"cba")).startswith(b"HTTP/1.1 200 ")
            await asyncio.sleep(1.2)
        writer.close()


async def test_a_connection_that_stays_idle_is_closed() -> None:
    async with running(limits=replace(WATCHFUL, keep_alive_s_max=0.3)) as door:
        reader, writer = await door.connect()
        writer.write(request(b"abc"))
        assert (await rest(reader)).endswith(b"cba")
        writer.close()


async def test_a_client_that_closes_its_sending_side_gets_its_answer() -> None:
    async with running(Echo(lambda _: asyncio.sleep(0.1))) as door:
        reader, writer = await door.connect()
        writer.write(request(b"abc"))
        writer.write_eof()
        assert (await rest(reader)).endswith(b"cba")
        writer.close()


async def test_a_client_that_closes_its_sending_side_too_early_is_closed() -> None:
    async with running() as door:
        reader, writer = await door.connect()
        writer.write(request(b"abcdef")[:-3])
        writer.write_eof()
        assert await rest(reader) == b""
        writer.close()
        assert door.echo.asked == []


async def test_pipelined_requests_are_answered_in_order() -> None:
    async with running() as door:
        answers = await door.exchange(request(b"one") + request(b"two") + closing(b"six"))
    assert [answers.index(word) for word in (b"eno", b"owt", b"xis")] == sorted(
        answers.index(word) for word in (b"eno", b"owt", b"xis")
    )


async def test_too_many_pipelined_requests_are_cut_off_behind_the_answers() -> None:
    async with running(limits=replace(PATIENT, pipelined_requests_max=4)) as door:
        answers = await door.exchange(request(b"abc") * 50)
    assert 1 <= answers.count(b"HTTP/1.1 200 ") <= 6
    assert answers.endswith(b"cba")


async def test_noise_behind_a_good_request_does_not_cost_its_answer() -> None:
    async with running(Echo(lambda _: asyncio.sleep(0.05))) as door:
        answers = await door.exchange(request(b"abc") + b"\x00\x01\x02 noise\r\n\r\n")
    assert answers.endswith(b"cba")


@pytest.mark.parametrize("noise", [b"\x16\x03\x01\x02\x00\x01\x00", b"ISA*00*   ~\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n"])
async def test_noise_gets_400_as_a_problem_document(noise: bytes) -> None:
    async with running() as door:
        answer = await door.exchange(noise)
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"application/problem+json" in answer


async def test_a_broken_chunk_gets_400() -> None:
    async with running() as door:
        answer = await door.exchange(HEAD + b"transfer-encoding: chunked\r\n\r\nzz\r\n")
        assert door.echo.asked == []
    assert answer.startswith(b"HTTP/1.1 400 ")


async def test_length_and_chunking_together_are_refused() -> None:
    fields = b"content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n"
    async with running() as door:
        assert (await door.exchange(HEAD + fields)).startswith(b"HTTP/1.1 400 ")


async def test_a_client_that_breaks_off_mid_body_disturbs_nobody() -> None:
    async with running() as door:
        for _ in range(20):
            breaking = socket.create_connection(("127.0.0.1", door.port))
            breaking.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
            breaking.sendall(request(b"abcdef")[:-3])
            await asyncio.sleep(0)
            breaking.close()
        assert (await door.exchange(closing(b"abc"))).endswith(b"cba")
        await until(lambda: not door.server.server_state.tasks and not door.server.server_state.connections)


async def test_header_fields_of_10_000_bytes_are_read() -> None:
    async with running() as door:
        assert (await door.exchange(closing(b"abc", b"x-long: " + b"a" * 10_000))).endswith(b"cba")


@pytest.mark.parametrize("size", [17_000, 100_000, 1_000_000])
async def test_a_larger_head_gets_431(size: int) -> None:
    async with running() as door:
        answer = await door.exchange(closing(b"abc", b"x-long: " + b"a" * size)[: size + 10])
        assert 'connections_closed_total{reason="large_head"} 1.0' in door.figures()
        assert door.echo.asked == []
    assert answer.startswith(b"HTTP/1.1 431 ")


async def test_a_whole_request_with_a_larger_head_gets_431() -> None:
    async with running() as door:
        assert (await door.exchange(closing(b"abc", b"x-long: " + b"a" * 17_000))).startswith(b"HTTP/1.1 431 ")


async def test_a_refused_client_that_never_stops_sending_is_cut_off() -> None:
    limits = replace(PATIENT, interchange_bytes_max=1000, request_bytes_max=100_000)
    async with running(limits=limits) as door:
        reader, writer = await door.connect()
        writer.write(HEAD + b"content-length: 100000000\r\n\r\n")
        assert (await reader.readline()).startswith(b"HTTP/1.1 413 ")
        with pytest.raises(ConnectionError):
            await send_on(writer)
        writer.close()


async def test_a_client_that_does_not_read_its_answer_is_cut_off() -> None:
    async with running(limits=replace(WATCHFUL, write_s_max=0.3)) as door:
        lazy = socket.socket()
        lazy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        lazy.connect(("127.0.0.1", door.port))
        lazy.setblocking(False)
        with pytest.raises(ConnectionError):
            await asyncio.wait_for(ask_on(lazy), READ_SECONDS_MAX)
        lazy.close()
        await until(lambda: 'connections_closed_total{reason="slow_reader"} 1.0' in door.figures())


async def test_a_connection_too_many_gets_503() -> None:
    async with running(limits=replace(PATIENT, connections_max=2)) as door:
        kept = [await door.connect() for _ in range(2)]
        await until(lambda: len(door.server.server_state.connections) == 2)
        reader, writer = await door.connect()
        answer = await rest(reader)
        for _, each in [*kept, (reader, writer)]:
            each.close()
    assert answer.startswith(b"HTTP/1.1 503 ")
    assert b"retry-after" in answer


async def test_an_offer_to_change_protocols_is_answered_in_the_old_one_and_closed() -> None:
    offer = (b"connection: Upgrade, HTTP2-Settings", b"upgrade: h2c", b"http2-settings: AAEAAEAA")
    async with running() as door:
        answer = await door.exchange(request(b"abc", *offer))
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert answer.endswith(b"cba")


async def test_a_stop_waits_for_answers_and_not_for_silent_or_dripping_clients() -> None:
    goes_on = asyncio.Event()
    limits = replace(WATCHFUL, drain_unfinished_s_max=0.3)
    async with running(Echo(lambda _: goes_on.wait()), limits) as door:
        silent, half_head, half_body = [await door.connect() for _ in range(3)]
        half_head[1].write(b"POST /x12")
        half_body[1].write(request(b"abcdef")[:-3])
        asking = asyncio.create_task(door.exchange(request(b"abc")))
        # The half body has a task by now that waits for the rest.
        await until(lambda: bool(door.echo.asked) and len(door.server.server_state.tasks) == 2)
        door.server.stop()
        for reader, writer in (silent, half_head, half_body):
            await rest(reader)
            writer.close()
        assert not asking.done()
        goes_on.set()
        assert (await asking).endswith(b"cba")
