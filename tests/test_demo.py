"""The demonstration as its user meets it: one command, one line to paste, and nothing left behind."""

import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import pytest

from gateway.clock import system_clock
from gateway.embedded import EmbeddedServers
from rules.facts import Function
from rules.facts.service_hours import DEFAULT_CALENDAR
from rules.service_hours import status
from tests.processes import copied, eventually, free_port, paste, query, server_processes, wait_until_gone

pytestmark = [pytest.mark.store, pytest.mark.slow]

PROGRAM = Path(sys.executable).with_name("edi-gateway")
WAIT_SECONDS_MAX = 240.0
"""Nothing that is awaited takes nearly as long."""


class Demo:
    """A running demonstration."""

    def __init__(self, process: subprocess.Popen[str], said: IO[str]) -> None:
        self.process = process
        self._said = said

    @property
    def said(self) -> str:
        """What it told the user beside the line to paste."""
        self._said.seek(0)
        return self._said.read()

    def wait_until_it_says(self, words: str) -> None:
        """Wait for what it tells the user."""
        deadline = time.monotonic() + WAIT_SECONDS_MAX
        while words not in self.said:
            assert time.monotonic() < deadline, self.said
            time.sleep(0.01)

    def line(self) -> str:
        """The line to paste."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline().strip()
        assert line, self.said
        return line

    def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        self.process.send_signal(number)
        return self.ended()

    def ended(self) -> int:
        """Its exit status."""
        return self.process.wait(WAIT_SECONDS_MAX)


@contextmanager
def demo(data: Path, *options: str, environment: Mapping[str, str] = {}, before: Sequence[str] = ()) -> Iterator[Demo]:
    command = (*before, str(PROGRAM), "demo", "--data", str(data), *options)
    with (
        data.with_name(f"{data.name}-said").open("w+") as said,
        subprocess.Popen(
            command, env=os.environ | environment, stdout=subprocess.PIPE, stderr=said, text=True
        ) as process,
    ):
        try:
            yield Demo(process, said)
        finally:
            process.kill()


def small(port: int) -> tuple[str, ...]:
    return ("--members", "60", "--port", str(port))


@dataclass(frozen=True)
class Shown:
    """What a demonstration has shown."""

    data: Path
    port: int
    lines: Sequence[str]
    """To paste."""
    answer: Sequence[str] = ()
    """To the first of them."""


@pytest.fixture(scope="module")
def ran() -> Iterator[Shown]:
    """A demonstration that has been stopped, whose folder others start again from: their own copies of it."""
    with tempfile.TemporaryDirectory(prefix="edi-tests-", ignore_cleanup_errors=True) as folder:
        data, port = Path(folder) / "data", free_port()
        with demo(data, *small(port)) as first:
            lines = [first.line() for _ in range(5)]
            answer = paste(lines[0]).splitlines()
            assert first.stop() == 0
        assert server_processes(data) == []
        yield Shown(data, port, lines, answer)


@pytest.fixture
def data(ran: Shown, folder: Path) -> Path:
    """A folder in which a demonstration has been stopped."""
    return copied(ran.data, folder / "a user's folder")


@pytest.fixture(scope="module")
def shown(ran: Shown) -> Iterator[Shown]:
    """A demonstration that runs, for the tests that only look at it."""
    with tempfile.TemporaryDirectory(prefix="edi-tests-", ignore_cleanup_errors=True) as folder:
        data, port = copied(ran.data, Path(folder) / "data"), free_port()
        with demo(data, "--port", str(port)) as running:
            yield Shown(data, port, [running.line() for _ in range(5)])
            running.stop()


def test_the_printed_line_shows_the_271_of_a_member(shown: Shown) -> None:
    answer = paste(shown.lines[0]).splitlines()
    assert answer[0].startswith("ISA*")
    assert answer[2].startswith("ST*271*")
    assert any(re.match(r"NM1\*IL\*1\*[A-Z']+\*[A-Z]+\*", segment) for segment in answer)
    assert any(segment.startswith("EB*1**30*") for segment in answer)


def test_the_second_line_shows_the_277_of_a_paid_claim(shown: Shown) -> None:
    answer = paste(shown.lines[1]).splitlines()
    assert answer[2].startswith("ST*277*")
    assert any(segment.startswith("STC*F1:65*") for segment in answer)


def test_the_third_line_shows_a_certification_within_service_hours_and_else_that_it_is_closed(shown: Shown) -> None:
    before, answer, after = is_open(), paste(shown.lines[2]).splitlines(), is_open()
    assert answer[2].startswith("ST*278*")
    told = {"HCR*A1" for segment in answer if segment.startswith("HCR*A1*A")}
    told |= {segment for segment in answer if segment == "AAA*N**42*P"}
    assert told in ({"HCR*A1"} if before else {"AAA*N**42*P"}, {"HCR*A1"} if after else {"AAA*N**42*P"})


def test_the_last_lines_ask_for_what_a_reviewer_decides_and_show_the_reviewer_that_it_waits(shown: Shown) -> None:
    answer, waiting = paste(shown.lines[3]).splitlines(), json.loads(paste(shown.lines[4]))
    told = {segment for segment in answer if segment.startswith(("HCR*A4", "AAA*N**42*P"))}
    assert told == ({"HCR*A4**0U"} if waiting["reviews"] else {"AAA*N**42*P"})


def is_open() -> bool:
    return status(DEFAULT_CALENDAR, Function.PRECERTIFICATION, system_clock()).open


@pytest.mark.parametrize(("name", "line"), [("api-key", 0), ("reviewer-key", 4)])
def test_the_key_is_for_its_owner_only(name: str, line: int, shown: Shown) -> None:
    key = shown.data / name
    assert key.read_text() in shown.lines[line]
    assert stat.S_IMODE(key.stat().st_mode) == 0o600


@pytest.mark.parametrize("sample", ["sample_270.edi", "sample_276.edi", "sample_278.edi", "sample_278_pended.edi"])
def test_the_sample_passes_our_own_check(sample: str, shown: Shown) -> None:
    judged = subprocess.run((PROGRAM, "check", "--json", shown.data / sample), capture_output=True, check=False)
    assert judged.returncode == 0, judged.stdout
    assert json.loads(judged.stdout)["accepted"] is True


def test_the_next_start_finds_everything_and_says_that_the_members_are_there(ran: Shown, data: Path) -> None:
    with demo(data, "--members", "70", "--port", str(ran.port)) as second:
        line = second.line()
        assert (ran.data / "api-key").read_text() in line
        assert "there are 60 members here already: for 70, name another folder with --data" in second.said
        answer = paste(line).splitlines()
        assert benefits(answer) == benefits(ran.answer)
        assert control_number(answer) > control_number(ran.answer)
        assert second.stop(signal.SIGTERM) == 0
    assert server_processes(data) == []


def benefits(answer: Sequence[str]) -> list[str]:
    return [segment for segment in answer if segment.startswith("EB*")]


def control_number(answer: Sequence[str]) -> int:
    return int(answer[0].split("*")[13])


def test_a_killed_demo_leaves_nothing_running_and_starts_again(data: Path) -> None:
    port = free_port()
    with demo(data, "--port", str(port)) as first:
        line = first.line()
        first.process.kill()
        first.process.wait()
        wait_until_gone(data)
    with demo(data, "--port", str(port)) as second:
        assert second.line() == line
        assert "ST*271" in paste(line)
        second.stop()


def test_the_servers_are_started_again_when_they_end_and_answers_go_on(data: Path) -> None:
    revived = [f'"a server ended and is started again","server":"{name}"' for name in ("PostgreSQL", "Valkey")]
    with demo(data, "--port", str(free_port())) as running:
        line = running.line()
        for server in server_processes(data):
            if server != running.process.pid:
                with suppress(ProcessLookupError):  # ended with the one killed before it
                    os.kill(server, signal.SIGKILL)
        for words in revived:
            running.wait_until_it_says(words)
        eventually(lambda: "ST*271" in paste(line))
        assert running.stop() == 0
    assert server_processes(data) == []


def test_a_load_that_was_broken_off_is_finished_by_the_next_start(folder: Path) -> None:
    data, port = folder / "data", free_port()
    with demo(data, "--members", "4000", "--port", str(port)) as first:
        first.wait_until_it_says("loading members")
        first.process.kill()
    with demo(data, "--members", "4000", "--port", str(port)) as second:
        assert "ST*271" in paste(second.line())
        counted = "SELECT sum(jsonb_array_length(document -> 'persons')) FROM edi.contract"
        assert query(f"postgresql://edi_gateway@/postgres?host={(data / 'sockets').readlink()}", counted) == 4000
        second.stop()


def test_what_an_earlier_edition_has_loaded_is_brought_up_to_date_under_the_same_key(data: Path) -> None:
    with EmbeddedServers(data) as servers:
        query(servers.database_url, "DELETE FROM edi.claim_key RETURNING 1")
    memory, key = data / "demo.json", (data / "api-key").read_text()
    memory.write_text(json.dumps(json.loads(memory.read_text()) | {"edition": 1}))
    with demo(data, "--port", str(free_port())) as second:
        assert key in second.line()
        assert "ST*277" in paste(second.line())
        second.stop()
    assert json.loads(memory.read_text())["edition"] > 1


IN_THE_BACKGROUND = ("sh", "-c", 'trap "" INT HUP; exec "$@"', "sh")
"""What comes before the command ignores what ``&`` and ``nohup`` do."""


def test_a_folder_of_a_later_version_is_left_alone_and_what_to_do_is_told(data: Path) -> None:
    with EmbeddedServers(data) as servers:
        query(servers.database_url, "INSERT INTO edi.migration VALUES (9999, '9999_later', '') RETURNING 1")
    with demo(data, "--port", str(free_port())) as refused:
        assert refused.ended() == 1
        assert "the database is newer than this program: it has the migration 9999_later" in refused.said
        assert f"name another folder with --data, or remove {data}" in refused.said
    assert server_processes(data) == []


def test_ctrl_c_while_it_starts_stops_everything_and_a_hang_up_that_nohup_ignores_does_not(folder: Path) -> None:
    data, options = folder / "data", ("--members", "20000", "--port", str(free_port()))
    with demo(data, *options, before=IN_THE_BACKGROUND) as starting:
        starting.wait_until_it_says("starting")
        starting.process.send_signal(signal.SIGHUP)
        starting.wait_until_it_says("loading members")
        assert starting.stop() == 0
        assert starting.said.endswith("stopped\n")
    assert server_processes(data) == []


def test_a_closed_terminal_stops_everything(data: Path) -> None:
    with demo(data, "--port", str(free_port())) as running:
        running.line()
        assert running.stop(signal.SIGHUP) == 0
    assert server_processes(data) == []


def test_a_port_in_use_is_told_before_anything_is_started(folder: Path) -> None:
    data = folder / "data"
    with socket.create_server(("127.0.0.1", 0)) as taken, demo(data, "--port", str(taken.getsockname()[1])) as refused:
        assert refused.ended() == 1
        assert "(Address already in use): give another --host or --port" in refused.said
    assert not data.exists()


def test_an_empty_folder_name_is_not_taken_for_the_current_folder(folder: Path) -> None:
    command = (str(PROGRAM), "demo", "--data", "")
    refused = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=240, check=False)
    assert (refused.returncode, refused.stderr) == (1, "--data is empty: name a folder\n")
    assert list(folder.iterdir()) == []


def test_a_key_that_was_removed_is_made_anew(data: Path) -> None:
    removed = (data / "api-key").read_text()
    (data / "api-key").unlink()
    with demo(data, "--port", str(free_port())) as second:
        line = second.line()
        assert removed not in line
        assert "ST*271" in paste(line)
        second.stop()


def test_a_folder_that_cannot_be_made_is_told_plainly(folder: Path) -> None:
    (folder / "data").touch()
    with demo(folder / "data", "--port", str(free_port())) as refused:
        assert refused.ended() == 1
        assert "name a folder that can be written with EDI_GATEWAY_DATA (the demo: --data)" in refused.said
        assert "Traceback" not in refused.said


def test_two_demos_run_at_the_same_time_on_two_ports(data: Path, folder: Path) -> None:
    other = copied(data, folder / "two")
    with demo(data, "--port", str(free_port())) as one, demo(other, "--port", str(free_port())) as two:
        assert "ST*271" in paste(one.line())
        assert "ST*271" in paste(two.line())
        assert one.stop() == two.stop() == 0


def test_the_users_own_servers_are_used_when_named(folder: Path) -> None:
    data = folder / "data"
    with EmbeddedServers(folder / "own") as own:
        named = {"EDI_GATEWAY_DATABASE_URL": own.database_url, "EDI_GATEWAY_REDIS_URL": own.redis_url}
        with demo(data, *small(free_port()), environment=named) as running:
            assert "ST*271" in paste(running.line())
            assert not (data / "postgres").exists()
            assert query(own.database_url, "SELECT count(*) FROM edi.audit") == 1
            running.stop()


def test_a_database_with_somebody_elses_coverage_is_left_alone(folder: Path) -> None:
    with EmbeddedServers(folder / "own") as own:
        named = {"EDI_GATEWAY_DATABASE_URL": own.database_url, "EDI_GATEWAY_REDIS_URL": own.redis_url}
        with demo(folder / "first", *small(free_port()), environment=named) as running:
            running.line()
            running.stop()
        with demo(folder / "second", *small(free_port()), environment=named) as refused:
            assert refused.ended() == 1
            assert re.search(r"the database holds \d+ contracts that no demo in .* has loaded", refused.said)
