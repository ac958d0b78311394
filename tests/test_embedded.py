"""The embedded servers: started, shared with nobody, and never left behind."""

import json
import os
import pwd
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import redis

from gateway.embedded import EmbeddedServerError, EmbeddedServers
from gateway.embedded.accounts import Account, let_through
from tests.processes import copied, query, server_processes, wait_until_gone

pytestmark = [pytest.mark.store, pytest.mark.slow]

HOLD = """
import json, signal, sys, time
from pathlib import Path
from gateway.embedded import EmbeddedServers
signal.signal(signal.SIGINT, signal.default_int_handler)  # what a shell starts in the background ignores it
with EmbeddedServers(Path(sys.argv[1])) as servers:
    print(json.dumps([servers.database_url, servers.redis_url]), flush=True)
    time.sleep(600)
"""
"""A program that holds servers until it is stopped."""

ROOT = Path(__file__).parents[1]
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")


def open_to_everybody(program: Path) -> bool:
    """Whether any user may reach a program through all its folders."""
    return all(folder.stat().st_mode & stat.S_IXOTH for path in (program, program.resolve()) for folder in path.parents)


@pytest.fixture(scope="module")
def made() -> Iterator[Path]:
    """A data folder on which servers have run."""
    with tempfile.TemporaryDirectory(prefix="edi-tests-", ignore_cleanup_errors=True) as folder:
        with EmbeddedServers(Path(folder) / "data") as servers:
            data = servers.data
        yield data


@pytest.fixture
def data(made: Path, folder: Path) -> Path:
    """Another such folder, for one test."""
    return copied(made, folder / "data")


@contextmanager
def held(data: Path, **how: Any) -> Iterator[tuple[subprocess.Popen[str], str, str]]:
    """Another process that holds servers on `data`."""
    command = (sys.executable, "-c", HOLD, str(data))
    quiet = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "text": True}
    with subprocess.Popen(command, cwd=ROOT, **quiet, **how) as process:
        try:
            assert process.stdout is not None
            database_url, redis_url = json.loads(process.stdout.readline())
            yield process, database_url, redis_url
        finally:
            process.send_signal(signal.SIGINT)


def test_both_servers_answer_over_sockets_and_listen_nowhere_else(folder: Path) -> None:
    with EmbeddedServers(folder / "data") as servers:
        assert query(servers.database_url, "SHOW server_version").startswith("18.")
        assert query(servers.database_url, "SHOW listen_addresses") == ""
        with redis.Redis.from_url(servers.redis_url) as cache:
            assert cache.ping()
            assert cache.config_get("port") == {"port": "0"}


def test_upper_case_is_right_for_letters_beyond_ascii(data: Path) -> None:
    with EmbeddedServers(data) as servers:
        assert query(servers.database_url, "SELECT upper('núñez')") == "NÚÑEZ"


def test_nothing_of_the_servers_is_left_after_the_block(data: Path) -> None:
    with EmbeddedServers(data):
        sockets = (data / "sockets").readlink()
        assert stat.S_IMODE(sockets.stat().st_mode) == 0o700
        assert server_processes(data)
    assert not sockets.exists()
    assert server_processes(data) == []


def test_the_next_start_finds_what_the_last_one_stored(data: Path) -> None:
    with EmbeddedServers(data) as servers:
        query(servers.database_url, "CREATE TABLE kept (value integer)")
    with EmbeddedServers(data) as servers:
        assert query(servers.database_url, "SELECT count(*) FROM kept") == 0


def test_two_folders_are_served_at_the_same_time(data: Path, folder: Path) -> None:
    other = copied(data, folder / "two")
    with EmbeddedServers(data) as one, EmbeddedServers(other) as two:
        query(one.database_url, "CREATE TABLE only_here (value integer)")
        assert query(two.database_url, "SELECT to_regclass('only_here') IS NULL")


def test_a_folder_with_spaces_whose_path_is_longer_than_a_socket_may_be(made: Path, folder: Path) -> None:
    data = copied(made, folder / 'a folder\'s "long" name' / ("x" * 120))
    with EmbeddedServers(data) as servers:
        assert query(servers.database_url, "SELECT 1") == 1
        with redis.Redis.from_url(servers.redis_url) as cache:
            assert cache.ping()


def test_a_folder_in_use_is_refused_and_the_user_of_it_named(data: Path) -> None:
    with (
        held(data) as (process, _, _),
        pytest.raises(EmbeddedServerError, match=rf"in use by another edi-gateway \(process {process.pid}\)"),
        EmbeddedServers(data),
    ):
        pass


def test_the_servers_of_a_killed_process_end_and_the_next_start_recovers(data: Path) -> None:
    with held(data) as (process, database_url, _):
        query(database_url, "CREATE TABLE kept (value integer)")
        sockets = (data / "sockets").readlink()
        process.kill()
        process.wait()
        with EmbeddedServers(data) as servers:
            assert query(servers.database_url, "SELECT count(*) FROM kept") == 0
        assert not sockets.exists()
    assert server_processes(data) == []


def test_a_start_after_all_processes_were_killed_recovers(data: Path) -> None:
    with held(data) as (process, database_url, _):
        query(database_url, "CREATE TABLE kept (value integer)")
        for server in server_processes(data):
            with suppress(ProcessLookupError):  # ended with the one killed before it
                os.kill(server, signal.SIGKILL)
        process.wait()
        wait_until_gone(data)
    assert (data / "postgres" / "postmaster.pid").exists()
    with EmbeddedServers(data) as servers:
        assert query(servers.database_url, "SELECT count(*) FROM kept") == 0


def test_a_signal_to_the_whole_terminal_group_reaches_only_us(data: Path) -> None:
    with held(data, start_new_session=True) as (process, database_url, _):
        servers = [number for number in server_processes(data) if number != process.pid]
        assert servers
        assert all(os.getsid(number) != process.pid for number in servers)
        os.killpg(process.pid, signal.SIGWINCH)
        assert query(database_url, "SELECT 1") == 1


def test_an_interrupted_process_stops_its_servers(data: Path) -> None:
    with held(data) as (process, _, _):
        process.send_signal(signal.SIGINT)
        process.wait(120)
        assert server_processes(data) == []


def test_somebody_elses_servers_are_used_instead_of_our_own(folder: Path) -> None:
    with EmbeddedServers(folder, "postgresql://database.example/edi", "redis://cache.example") as servers:
        assert (servers.database_url, servers.redis_url) == (
            "postgresql://database.example/edi",
            "redis://cache.example",
        )
        assert server_processes(folder) == [os.getpid()]


def test_a_cache_outage_can_be_rehearsed(data: Path) -> None:
    with EmbeddedServers(data) as servers, redis.Redis.from_url(servers.redis_url) as cache:
        servers.valkey.stop()
        with pytest.raises(redis.ConnectionError):
            cache.ping()
        servers.valkey.start()
        assert cache.ping()


def test_a_server_that_cannot_start_is_shown_with_its_last_words(data: Path) -> None:
    with (data / "postgres" / "postgresql.conf").open("a") as settings:
        settings.write("\nnot_a_setting = 1\n")
    message = r'(?s)PostgreSQL ended with status 1:.*unrecognized configuration parameter "not_a_setting"'
    with pytest.raises(EmbeddedServerError, match=message), EmbeddedServers(data):
        pass
    assert server_processes(data) == []


def test_an_initdb_that_was_killed_is_begun_again(folder: Path) -> None:
    (folder / "postgres.unfinished").mkdir()
    (folder / "postgres.unfinished" / "PG_VERSION").write_text("18\n")
    with EmbeddedServers(folder) as servers:
        assert query(servers.database_url, "SELECT 1") == 1


@as_root
def test_root_gives_the_servers_an_account_that_only_passes_through_its_folders(folder: Path) -> None:
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    with EmbeddedServers(closed / "data"):
        cluster = (closed / "data" / "postgres").stat()
    assert cluster.st_uid != 0
    assert stat.S_IMODE(cluster.st_mode) == 0o700
    assert stat.S_IMODE(closed.stat().st_mode) == 0o701


@as_root
def test_data_of_an_account_without_a_name_are_refused(folder: Path) -> None:
    (folder / "postgres").mkdir()
    os.chown(folder / "postgres", 54321, 54321)
    with pytest.raises(EmbeddedServerError, match="user 54321 has no name"), EmbeddedServers(folder):
        pass


@as_root
def test_a_folder_that_can_be_passed_already_is_left_alone(folder: Path) -> None:
    open_folder = folder / "open"
    open_folder.mkdir(mode=0o755)
    let_through(Account(uid=12345, gid=12345), open_folder)
    assert stat.S_IMODE(open_folder.stat().st_mode) == 0o755


@as_root
@pytest.mark.skipif(not open_to_everybody(Path(sys.executable)), reason="others cannot run this Python")
def test_an_ordinary_user_runs_the_servers_as_himself() -> None:
    nobody = pwd.getpwnam("nobody")
    with tempfile.TemporaryDirectory() as folder:
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        data = Path(folder) / "data"
        with held(data, user=nobody.pw_uid, group=nobody.pw_gid, extra_groups=()):
            assert (data / "postgres").stat().st_uid == nobody.pw_uid
            with pytest.raises(asyncpg.InvalidAuthorizationSpecificationError):
                query(f"postgresql://edi_gateway@/postgres?host={(data / 'sockets').readlink()}", "SELECT 1")
        wait_until_gone(data)
