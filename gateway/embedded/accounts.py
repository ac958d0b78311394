"""Whom the servers run as. PostgreSQL refuses to run as root, so root gives it an account without any rights."""

from __future__ import annotations

import os
import pwd
import stat
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from gateway.embedded.errors import EmbeddedServerError

SERVER_USER = "edi-gateway"
"""The system account made for the servers when root starts them for the first time on a machine."""

USERADD_ATTEMPTS = 20
"""Another useradd may hold the password file's lock; each attempt is followed by a tenth of a second."""


@dataclass(frozen=True, slots=True)
class Account:
    """An account of the operating system that is not the one we run as."""

    uid: int
    gid: int


def server_account(folder: Path) -> Account | None:
    """The account for the servers, or None where they run as we do (we are not root).

    Args:
        folder: the database's folder; when it is there, its owner keeps it.

    Raises:
        EmbeddedServerError: an account is needed that has no name, which PostgreSQL refuses.
    """
    if os.geteuid() != 0:
        return None
    owner = folder.stat().st_uid if folder.exists() else 0
    entry = _named(owner) if owner else _existing_or_new_user()
    return Account(entry.pw_uid, entry.pw_gid)


def _existing_or_new_user() -> pwd.struct_passwd:
    """Our own system account, or `nobody` where accounts cannot be made (a read-only root file system)."""
    command = ("useradd", "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent")
    for _ in range(USERADD_ATTEMPTS):
        try:
            return pwd.getpwnam(SERVER_USER)
        except KeyError:
            pass
        try:
            # The name is a constant; useradd is found on root's own path.
            subprocess.run((*command, SERVER_USER), check=True, capture_output=True)  # noqa: S603
        except OSError:
            break
        except subprocess.CalledProcessError:
            time.sleep(0.1)
    return pwd.getpwnam("nobody")


def let_through(account: Account | None, path: Path) -> None:
    """Let the account reach `path`: each folder above it, and `path` itself, gets the right to pass, not to list.

    Only folders that lack it are touched; nobody can read a name or a file that was closed before.
    """
    if account is None:
        return
    for folder in (path, *path.parents):
        status = folder.stat()
        if status.st_uid != account.uid and not status.st_mode & stat.S_IXOTH:
            folder.chmod(stat.S_IMODE(status.st_mode) | stat.S_IXOTH)


def let_read(account: Account | None, root: Path) -> None:
    """Let the account read and run a tree of public program files that were installed under a strict umask."""
    if account is None:
        return
    let_through(account, root)
    for path in (root, *root.rglob("*")):
        mode = stat.S_IMODE(path.stat().st_mode)
        wanted = mode | stat.S_IROTH | (stat.S_IXOTH if mode & stat.S_IXUSR else 0)
        if wanted != mode:
            path.chmod(wanted)


def own_user_name() -> str:
    """The name of the account that we run as, which PostgreSQL's peer authentication sees.

    Raises:
        EmbeddedServerError: it has none.
    """
    return _named(os.geteuid()).pw_name


def _named(uid: int) -> pwd.struct_passwd:
    try:
        return pwd.getpwuid(uid)
    except KeyError:
        raise EmbeddedServerError(f"user {uid} has no name in /etc/passwd, and PostgreSQL needs one") from None
