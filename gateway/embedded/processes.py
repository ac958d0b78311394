"""A server as a child process: started, awaited, stopped in steps, and never left behind."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from gateway.embedded.accounts import Account
from gateway.embedded.errors import EmbeddedServerError

START_SECONDS_MAX = 60.0
"""Recovery after a kill replays the write-ahead log, so a start may take longer than usual."""

LOG_LINES_SHOWN_MAX = 10

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass(frozen=True, slots=True)
class StopStep:
    """A signal to send and how long to wait, in seconds, before the next step."""

    number: signal.Signals
    seconds: float


@dataclass(slots=True)
class Server:
    """One server program.

    Args:
        name: as shown in messages.
        command: the program and its arguments.
        folder: its working and data folder.
        log: the file that gets what it prints; emptied by each start.
        account: whom it runs as; None is our own account.
        lock: a descriptor that it holds open for as long as it runs.
        answers: given its process id, whether it serves by now.
        stop_steps: gentle first; after the last comes SIGKILL. The first is also what it gets when we die.
    """

    name: str
    command: Sequence[str]
    folder: Path
    log: Path
    account: Account | None
    lock: int
    answers: Callable[[int], bool]
    stop_steps: Sequence[StopStep]
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def start(self) -> None:
        """Start and wait until it serves.

        Raises:
            EmbeddedServerError: it ended, or did not serve within `START_SECONDS_MAX`.
        """
        self.launch()
        self.wait_until_ready()

    def launch(self) -> None:
        """Start without waiting, in a session of its own: Ctrl-C in the terminal reaches us and not the server."""
        account = self.account
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603 - an argument list from our own tables, no shell
                self.command,
                cwd=self.folder,
                env=child_environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                user=None if account is None else account.uid,
                group=None if account is None else account.gid,
                extra_groups=None if account is None else (),
                start_new_session=True,
                pass_fds=(self.lock,),
                # Runs after the change of user, which would clear what it sets.
                preexec_fn=_end_with_parent(os.getpid(), self.stop_steps[0].number),  # noqa: PLW1509
            )

    @property
    def has_ended(self) -> bool:
        """Whether it was started, and has ended without being stopped."""
        return self._process is not None and self._process.poll() is not None

    def wait_until_ready(self) -> None:
        """Wait until it serves; raises as `start` does."""
        assert self._process is not None, "launch comes first"  # noqa: S101
        deadline = time.monotonic() + START_SECONDS_MAX
        while not self.answers(self._process.pid):
            status = self._process.poll()
            if status is not None:
                raise EmbeddedServerError(f"{self.name} ended with status {status}:\n{self.last_words()}")
            if time.monotonic() > deadline:
                raise EmbeddedServerError(
                    f"{self.name} does not answer after {START_SECONDS_MAX:.0f} s:\n{self.last_words()}"
                )
            time.sleep(0.01)

    def stop(self) -> None:
        """Stop it, gently at first; nothing happens when it does not run."""
        process, self._process = self._process, None
        if process is None:
            return
        for step in self.stop_steps:
            process.send_signal(step.number)
            try:
                process.wait(step.seconds)
            except subprocess.TimeoutExpired:
                continue
            return
        process.kill()
        process.wait()

    def last_words(self) -> str:
        """The last lines of its log."""
        lines = self.log.read_text(errors="replace").splitlines()
        return "\n".join(f"  {line}" for line in lines[-LOG_LINES_SHOWN_MAX:])


def child_environment() -> dict[str, str]:
    """What a child sees: none of our own variables, which could change a server's behaviour or hold a password."""
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}


def _end_with_parent(parent: int, number: signal.Signals) -> Callable[[], None] | None:
    """What the child does before it becomes the server: ask Linux for a signal when we are gone."""
    libc = _LIBC
    if libc is None:
        return None

    def ask() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, int(number), 0, 0, 0)
        if os.getppid() != parent:  # died before we asked
            os._exit(1)

    return ask
