"""Folders that last as long as their process; those of processes that were killed are cleared away by the next ones."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PREFIX = "edi-gateway-"


@dataclass(frozen=True, slots=True)
class TemporaryFolder:
    """A folder that only its owner can enter."""

    path: Path
    lock: int
    """A descriptor that keeps the folder. A child that inherits it keeps the folder as well."""


@contextmanager
def temporary_folder(purpose: str) -> Iterator[TemporaryFolder]:
    """A folder for one purpose, for as long as the block lasts; its path is short enough for a socket in it.

    Those for the same purpose whose processes have ended without removing them are removed first.
    """
    prefix = f"{PREFIX}{purpose}-"
    parent = Path("/tmp") if os.access("/tmp", os.W_OK | os.X_OK) else Path(tempfile.gettempdir())  # noqa: S108
    _clear(parent, prefix)
    folder = _make(parent, prefix)
    try:
        yield folder
    finally:
        shutil.rmtree(folder.path, ignore_errors=True)
        os.close(folder.lock)


def _clear(parent: Path, prefix: str) -> None:
    """Remove the folders that nobody keeps; those of other users cannot be opened, unless we are root."""
    for path in parent.glob(f"{prefix}*"):
        lock = _lock(path)
        if lock is not None:
            shutil.rmtree(path, ignore_errors=True)
            os.close(lock)


def _make(parent: Path, prefix: str) -> TemporaryFolder:
    while True:
        path = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
        lock = _lock(path)
        if lock is not None and path.exists():
            return TemporaryFolder(path, lock)
        # Somebody who clears away came between the two steps.
        if lock is not None:
            os.close(lock)


def _lock(path: Path) -> int | None:
    """A descriptor that keeps the folder from now on; None where somebody else does, or it is no folder of ours."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor
