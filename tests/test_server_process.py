"""``edi-gateway serve`` as an operator runs it: real processes, real PostgreSQL and Valkey, signals and crashes."""

import asyncio
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from gateway.embedded import EmbeddedServers
from gateway.limits import Limits
from gateway.server import Worker
from gateway.settings import Settings
from gateway.store.administration import create_api_key, revoke_api_keys, save_submitter
from gateway.temporary import temporary_folder
from rules.facts import Submitter, SubmitterStatus
from tests.door import closing
from tests.processes import eventually
from tests.serving import Running, command, serving
from tests.store_support import until

pytestmark = [pytest.mark.store, pytest.mark.slow]

CLINIC = Submitter("clinic", "RIVERBEND CLINIC", "ZZ", "RIVERBEND")


@pytest.fixture(scope="module")
def urls(database_url: str, servers: EmbeddedServers) -> dict[str, str]:
    return {"database_url": database_url, "redis_url": servers.redis_url}


@pytest.fixture(scope="module")
def key(database_url: str) -> str:
    async def make() -> str:
        await save_submitter(database_url, CLINIC)
        return await create_api_key(database_url, CLINIC.submitter_id)

    return asyncio.run(make())


@pytest.fixture(scope="module")
def gateway(urls: dict[str, str]) -> Iterator[Running]:
    with serving("--workers", "2", **urls) as running:
        yield running


def test_an_interchange_is_answered_and_counted_over_all_workers(gateway: Running, key: str) -> None:
    outcomes = {gateway.post(b"", key).headers["x-edi-outcome"] for _ in range(20)}
    assert outcomes == {"TA1"}
    counted = 'edi_gateway_requests_total{mode="real_time",outcome="TA1",transaction="unreadable"} 20.0'
    eventually(lambda: all(counted in gateway.get("/metrics").text for _ in range(4)))


def test_the_gateway_is_ready(gateway: Running) -> None:
    eventually(lambda: gateway.get("/readyz").status_code == 200)


def test_an_unknown_key_is_refused(gateway: Running) -> None:
    assert gateway.post(b"", "edi_nobody").status_code == 401


def test_a_revoked_key_is_refused_at_once(gateway: Running, key: str, database_url: str) -> None:
    del key
    revoked = asyncio.run(create_api_key(database_url, CLINIC.submitter_id))
    assert gateway.post(b"", revoked).status_code == 200
    asyncio.run(revoke_api_keys(database_url, CLINIC.submitter_id, revoked[:12]))
    assert [gateway.post(b"", revoked).status_code for _ in range(6)] == [401] * 6


def test_a_suspended_submitter_is_refused_and_let_in_again(gateway: Running, database_url: str) -> None:
    async def change(status: SubmitterStatus) -> None:
        await save_submitter(database_url, Submitter("other", "OTHER", "ZZ", "OTHER", status))

    asyncio.run(change(SubmitterStatus.ACTIVE))
    other = asyncio.run(create_api_key(database_url, "other"))
    for status, code in ((SubmitterStatus.SUSPENDED, 401), (SubmitterStatus.ACTIVE, 200)) * 3:
        asyncio.run(change(status))
        assert gateway.post(b"", other).status_code == code


def test_a_process_that_dies_is_replaced(gateway: Running, key: str) -> None:
    before = gateway.workers()
    for worker in before:
        os.kill(worker, signal.SIGKILL)
    eventually(lambda: len(gateway.workers() - before) == 2)
    assert gateway.post(b"", key).status_code == 200


async def test_a_process_that_hangs_is_replaced(urls: dict[str, str]) -> None:
    settings = Settings(database_url=urls["database_url"], redis_url=urls["redis_url"])
    with socket.create_server(("127.0.0.1", 0)) as listener, temporary_folder("figures") as figures:
        worker = Worker(settings, listener, figures, Limits(worker_silence_s_max=2, worker_restart_s_min=0.1))
        await worker.start()
        first = worker.pid
        keeping = asyncio.create_task(worker.keep())
        assert first is not None
        os.kill(first, signal.SIGSTOP)
        await until(lambda: worker.pid != first)
        keeping.cancel()
        await worker.stop()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_in_time_whatever_clients_do(urls: dict[str, str], number: signal.Signals) -> None:
    with serving(**urls) as running:
        silent, dripping = (socket.create_connection(("127.0.0.1", running.port)) for _ in range(2))
        dripping.sendall(closing(b"abc")[:-1])
        workers = running.workers()
        running.process.send_signal(number)
        assert running.process.wait(120) == 0
        assert not any(Path(f"/proc/{worker}").exists() for worker in workers)
        silent.close()
        dripping.close()


@pytest.mark.parametrize("seconds", [0.9, 1.5, 2.5, 4.0])
def test_a_signal_while_it_starts_leaves_nothing_running(tmp_path: Path, seconds: float) -> None:
    data = tmp_path / "data"
    with command("serve", "--port", "0", data=str(data)) as process:
        time.sleep(seconds)
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=120)
    assert "Traceback" not in said
    running = subprocess.check_output(("ps", "-eo", "args"), text=True)
    assert str(data) not in running


def test_its_processes_end_when_the_parent_is_killed(urls: dict[str, str]) -> None:
    with serving(**urls) as running:
        (worker,) = running.workers()
        running.process.kill()
        eventually(lambda: not command_line(worker))


def command_line(process: int) -> bytes:
    """Nothing when it has ended."""
    with suppress(OSError):
        return Path(f"/proc/{process}/cmdline").read_bytes()
    return b""


def test_a_port_that_is_taken_is_told(gateway: Running, urls: dict[str, str]) -> None:
    with command("serve", "--port", str(gateway.port), **urls) as process:
        _, said = process.communicate(timeout=120)
    assert process.returncode == 1
    assert "give another --host or --port" in said
    assert "Traceback" not in said


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "data").touch()
    with command("serve", "--port", "0", data=str(tmp_path / "data")) as process:
        _, said = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "name a folder that can be written with EDI_GATEWAY_DATA" in said
    assert "Traceback" not in said


def test_bad_settings_are_told_one_by_one() -> None:
    with command("serve", port="x", time_zone="Eastern", databse_url="postgresql://a/b") as process:
        _, said = process.communicate(timeout=120)
    assert process.returncode == 1
    for line in ("EDI_GATEWAY_PORT cannot be used: ", "EDI_GATEWAY_TIME_ZONE cannot", "EDI_GATEWAY_DATABSE_URL is set"):
        assert line in said


def test_a_database_that_is_not_there_is_told_without_its_password(urls: dict[str, str]) -> None:
    absent = urls | {"database_url": "postgresql://user:secret@127.0.0.1:1/x"}
    with command("serve", "--port", "0", **absent) as process:
        _, said = process.communicate(timeout=120)
    assert process.returncode == 1
    assert "PostgreSQL does not answer" in said
    assert "secret" not in said
