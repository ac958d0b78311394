"""``edi-gateway send`` against a door that answers."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

import orjson
import pytest
from typer.testing import CliRunner, Result

from gateway.cli import app
from tests.door import Echo, RunningDoor, running

ANSWER = f"ISA{'*' * 102}~IEA*1*1~"


@contextmanager
def answering(echo: Echo) -> Iterator[RunningDoor]:
    """A door in a thread of its own, for a command that blocks."""
    started, stop = Event(), Event()
    doors: list[RunningDoor] = []

    async def serve() -> None:
        async with running(echo) as door:
            doors.append(door)
            started.set()
            await asyncio.to_thread(stop.wait)

    thread = Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    try:
        assert started.wait(10)
        yield doors[0]
    finally:
        stop.set()
        thread.join(10)


@pytest.fixture(scope="module")
def door() -> Iterator[RunningDoor]:
    with answering(Echo()) as door:
        yield door


def send(door: RunningDoor, *arguments: str, data: str = ANSWER[::-1], key: str = "good") -> Result:
    url = f"http://127.0.0.1:{door.port}"
    return CliRunner().invoke(app, ["send", "-", "--url", url, "--key", key, *arguments], input=data)


def test_a_business_answer_is_printed_as_it_came_with_status_0(door: RunningDoor) -> None:
    result = send(door)
    assert result.exit_code == 0
    assert result.stdout == ANSWER
    assert result.stderr.startswith("271 in ")


@pytest.mark.parametrize("outcome", ["TA1", "999", "AAA"])
def test_a_rejection_has_status_1(outcome: str) -> None:
    with answering(Echo(outcome=outcome)) as door:
        result = send(door)
    assert result.exit_code == 1
    assert outcome in result.stderr


def test_json_has_one_object_for_each_repeat(door: RunningDoor) -> None:
    result = send(door, "--json", "--repeat", "3")
    answers = [orjson.loads(line) for line in result.stdout.splitlines()]
    assert [answer["outcome"] for answer in answers] == ["271"] * 3
    assert answers[0]["answer"] == ANSWER


def test_a_file_is_sent(door: RunningDoor, tmp_path: Path) -> None:
    file = tmp_path / "an inquiry.edi"
    file.write_bytes(b"abc")
    arguments = ["send", str(file), "--url", f"http://127.0.0.1:{door.port}", "--key", "good"]
    assert CliRunner().invoke(app, arguments).stdout == "cba"


def test_a_refusal_is_told_with_status_2(door: RunningDoor) -> None:
    result = send(door, key="bad")
    assert result.exit_code == 2
    assert "401 Unauthorized: This API key is not known" in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["send", "/no/such/file", "--key", "k"], "cannot be read: No such file"),
        (["send", "-"], "no API key: give --key"),
        (["send", "-", "--key", "k\u00e9y"], "printable ASCII"),
        (["send", "-", "--key", "k", "--url", "http://127.0.0.1:1"], "is the gateway running"),
        (["send", "-", "--key", "k", "--url", "127.0.0.1:8270"], "is --url right"),
        (["send", "-", "--key", "k", "--url", "http://[::1"], "is not a URL"),
    ],
)
def test_what_cannot_be_sent_is_told_with_status_2(
    arguments: list[str], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("EDI_GATEWAY_API_KEY", raising=False)
    monkeypatch.delenv("EDI_GATEWAY_URL", raising=False)
    result = CliRunner().invoke(app, arguments, input="x")
    assert result.exit_code == 2
    assert said in result.stderr
