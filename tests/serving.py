"""A gateway as an operator runs it: ``edi-gateway serve`` in processes of its own."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx


@dataclass
class Running:
    """A gateway that has said where it answers."""

    process: subprocess.Popen[str]
    port: int

    def post(self, data: bytes, key: str) -> httpx.Response:
        headers = {"authorization": f"Bearer {key}", "content-type": "application/edi-x12"}
        return httpx.post(f"http://127.0.0.1:{self.port}/x12", content=data, headers=headers, timeout=60)

    def get(self, path: str) -> httpx.Response:
        return httpx.get(f"http://127.0.0.1:{self.port}{path}", timeout=60)

    def workers(self) -> set[int]:
        """The processes below the parent."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return {int(child) for child in children.split()}


def environment(**settings: str) -> dict[str, str]:
    """Ours without its settings, and with these."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("EDI_GATEWAY_")}
    return inherited | {f"EDI_GATEWAY_{name.upper()}": value for name, value in settings.items()}


def command(*arguments: str, **settings: str) -> subprocess.Popen[str]:
    """``edi-gateway`` with these arguments and settings."""
    code = "from gateway.cli import main; main()"
    return subprocess.Popen(
        (sys.executable, "-c", code, *arguments), env=environment(**settings), stderr=subprocess.PIPE, text=True
    )


@contextmanager
def serving(*arguments: str, **settings: str) -> Iterator[Running]:
    """``edi-gateway serve`` with these arguments and settings, for as long as the block lasts."""
    with command("serve", "--port", "0", *arguments, **settings) as process:
        try:
            assert process.stderr is not None
            said = process.stderr.readline()
            found = re.search(r"answers at http://127\.0\.0\.1:(\d+)", said)
            assert found, said + process.stderr.read()
            yield Running(process, int(found[1]))
        finally:
            process.terminate()
