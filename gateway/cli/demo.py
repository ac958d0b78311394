"""``edi-gateway demo``: everything at once, on this machine, with people who do not exist."""

from __future__ import annotations

import asyncio
import hashlib
import os
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from edi.errors import Outage
from gateway.cli.database import fail, settings_or_exit, why
from gateway.cli.demo_sample import curl_line, look_line
from gateway.cli.demo_store import MEMBERS_USUAL, SEED, SUBMITTER, DemoFolder, Loaded, NotOurs, prepare
from gateway.clock import system_clock
from gateway.embedded.errors import cannot_be_used
from gateway.logs import set_up_logs
from gateway.server import CannotServe, own_or_embedded_servers, run
from gateway.settings import Settings, variable
from gateway.store.migrating import MigrationError

DATA_USUAL = Path(".edi-gateway")
"""In the current folder, with a folder for each port in it, so that two demos do not meet."""


def demo(
    host: Annotated[str | None, typer.Option(help="Address to listen on.  [EDI_GATEWAY_HOST, 127.0.0.1]")] = None,
    port: Annotated[
        int | None, typer.Option(min=1, max=65_535, help="Port to listen on.  [EDI_GATEWAY_PORT, 8270]")
    ] = None,
    members: Annotated[
        int | None,
        typer.Option(min=1, max=1_000_000, help=f"Members to make up at first.  [{MEMBERS_USUAL}]"),
    ] = None,
    data: Annotated[
        str | None, typer.Option(help=f"Folder for everything it keeps.  [EDI_GATEWAY_DATA, {DATA_USUAL}/PORT]")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, max=256, help="Processes that answer.  [EDI_GATEWAY_WORKERS, 1]")
    ] = None,
) -> None:
    """Show the gateway: servers, a synthetic book of business, and a request to paste.

    Starts PostgreSQL and Valkey (unless EDI_GATEWAY_DATABASE_URL and EDI_GATEWAY_REDIS_URL name yours), makes up
    members, plans, providers and a submitter with an API key, answers over HTTP and prints a curl line. The next
    start finds all of it again; remove the folder to begin anew.

    Exit status: 0 on Ctrl-C or SIGTERM, 1 when it cannot start.
    """
    settings = _settings(host, port, data, workers)
    _check_port(settings)
    set_up_logs(settings.log_level)
    try:
        with _interruptible():
            _show(settings, members)
    except KeyboardInterrupt:
        _tell("stopped")
    except Outage as outage:
        fail(why(outage))
    except MigrationError as failure:
        anew = "" if settings.database_url else f": name another folder with --data, or remove {settings.data}"
        fail(f"{failure}{anew}")
    except (CannotServe, NotOurs) as failure:
        fail(str(failure))
    except BrokenPipeError:
        raise  # nobody reads what is shown any more, which is no matter of the folder
    except OSError as error:
        fail(str(cannot_be_used(error)))


def _settings(host: str | None, port: int | None, data: str | None, workers: int | None) -> Settings:
    settings = settings_or_exit()
    options = {"host": host, "port": port, "workers": workers}
    settings = replace(settings, **{name: value for name, value in options.items() if value is not None})  # type: ignore[arg-type]
    return replace(settings, data=_data_folder(data, settings).expanduser().resolve())


def _data_folder(option: str | None, settings: Settings) -> Path:
    if option == "":
        fail("--data is empty: name a folder")
    if option is not None:
        return Path(option)
    return settings.data if os.environ.get(variable("data")) else DATA_USUAL / str(settings.port)


def _check_port(settings: Settings) -> None:
    """Say that the port is taken before anything is started for it."""
    try:
        family, _, _, _, address = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)[0]
        socket.create_server(address[:2], family=family).close()
    except OSError as error:
        # socket adds the address to its reason; a name that is not known has a reason of its own kind.
        reason = error.strerror if isinstance(error, socket.gaierror) else os.strerror(error.errno or 0)
        fail(f"cannot listen on {settings.host}:{settings.port} ({reason}): give another --host or --port")


@contextmanager
def _interruptible() -> Iterator[None]:
    """SIGTERM and a closed terminal stop the demo as Ctrl-C does, at whatever it is.

    So does SIGINT where a shell has started it in the background, which ignores that; what nohup ignores stays so.
    """
    numbers = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        numbers.append(signal.SIGHUP)
    before = {number: signal.signal(number, signal.default_int_handler) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _show(settings: Settings, members: int | None) -> None:
    folder = DemoFolder(settings.data)
    _tell(f"starting, with data in {folder.path}")
    with own_or_embedded_servers(settings) as complete:
        folder.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        now = system_clock()
        database_url = complete.settings.database_url or ""
        wanted = Loaded(
            database=hashlib.sha256((settings.database_url or "our own").encode()).hexdigest(),
            members=members or MEMBERS_USUAL,
            seed=SEED,
            today=now.astimezone(settings.zone).date(),
        )
        loaded = asyncio.run(prepare(folder, database_url, wanted, now))
        if members not in (None, loaded.members):
            _tell(
                f"there are {loaded.members:,} members here already: for {members:,}, name another folder with --data, "
                f"or remove {folder.path}"
            )
        for file, sample in folder.samples.items():
            file.write_bytes(sample(loaded.book, SUBMITTER, settings, now.astimezone(settings.zone)))
        run(complete, lambda url: _invite(url, folder, loaded, complete.settings))
    _tell("stopped")


def _invite(url: str, folder: DemoFolder, loaded: Loaded, settings: Settings) -> None:
    """Tell the user what to do now: the lines to paste on standard output, all else beside it."""
    key = folder.api_key.read_text()
    _tell(f"edi-gateway answers at {url} for {loaded.members:,} members. Ask it about one of them:")
    _show_line(curl_line(url, key, folder.sample))
    _tell("And where a claim of that member is:")
    _show_line(curl_line(url, key, folder.sample_276))
    _tell("And whether a service is authorized, within the hours that `edi-gateway hours` shows:")
    _show_line(curl_line(url, key, folder.sample_278))
    _tell("And for one that a person has to decide; as a reviewer, see what waits:")
    _show_line(curl_line(url, key, folder.sample_278_pended))
    _show_line(look_line(f"{url}/v1/reviews", folder.reviewer_key.read_text()))
    if not os.environ.get(variable("database_url")):
        _tell(f"For edi-gateway's other commands: export {variable('database_url')}='{settings.database_url}'\n")
    _tell("Ctrl-C stops it.")


def _show_line(line: str) -> None:
    _tell("")
    print(line, flush=True)
    _tell("")


def _tell(message: str) -> None:
    print(message, file=sys.stderr, flush=True)
