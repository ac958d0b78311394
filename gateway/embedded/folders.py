"""The folders of the embedded servers: who may use them, and where their sockets go."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gateway.embedded.accounts import Account
from gateway.embedded.errors import EmbeddedServerError
from gateway.temporary import temporary_folder

ORPHANS_SECONDS_MAX = 30.0
"""How long the servers of a killed process may take to end by themselves before we give up on their data."""


def make_private(folder: Path, account: Account | None = None) -> None:
    """Make a folder that only its owner can enter; one that is there keeps its mode (it may be the user's own)."""
    if not folder.is_dir():
        folder.mkdir(mode=0o700, parents=True)
        if account is not None:
            os.chown(folder, account.uid, account.gid)


@contextmanager
def exclusive(data: Path) -> Iterator[int]:
    """Hold the data folder alone; gives the lock's descriptor.

    The servers inherit the descriptor, so the folder stays locked until the last of them has ended, even when we are
    killed.

    Raises:
        EmbeddedServerError: another process uses the folder.
    """
    descriptor = os.open(data / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _lock(descriptor, data)
        os.truncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        yield descriptor
    finally:
        os.close(descriptor)


def _lock(descriptor: int, data: Path) -> None:
    deadline = time.monotonic() + ORPHANS_SECONDS_MAX
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            owner = os.pread(descriptor, 20, 0).decode()
            if _is_running(owner) or time.monotonic() > deadline:
                raise EmbeddedServerError(
                    f"{data} is in use by another edi-gateway (process {owner or 'unknown'}): stop that one, or name "
                    "another folder with EDI_GATEWAY_DATA (the demo: --data)"
                ) from None
            time.sleep(0.05)
        else:
            return


def _is_running(owner: str) -> bool:
    try:
        os.kill(int(owner or os.getpid()), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


@contextmanager
def sockets_folder(data: Path, account: Account | None) -> Iterator[Path]:
    """A short private folder for the sockets, because a socket's path has a limit of about 100 bytes.

    The link `sockets` in the data folder leads to it.
    """
    link = data / "sockets"
    link.unlink(missing_ok=True)
    with temporary_folder("sockets") as folder:
        link.symlink_to(folder.path)
        if account is not None:
            os.chown(folder.path, account.uid, account.gid)
        try:
            yield folder.path
        finally:
            link.unlink(missing_ok=True)
