"""Files read by another process: the same comes out, and the process does not outlive its reader."""

import os
import signal
import time
from contextlib import suppress
from multiprocessing import active_children
from pathlib import Path

import pytest

from edi.errors import Outage
from gateway.filing_process import file_elsewhere
from parsers.filing import Filed, Filing
from parsers.submitted_claims import GUIDES, OUTLINE
from tests.claim_file_support import FAMILY, SON, Patient, claim, envelope, file, transaction

OUTLINES = {("837", guide): OUTLINE for guide in GUIDES}
BAD = Patient((claim("A-1"), claim("BAD", lines=""), claim("A-2")))


def pieces(data: bytes, size: int = 500) -> list[bytes]:
    return [data[start : start + size] for start in range(0, len(data), size)]


def filed_here(data: bytes) -> list[Filed]:
    filing = Filing(OUTLINES)
    return [each for piece in pieces(data) for each in filing.feed(piece)] + list(filing.close())


def test_another_process_gives_what_reading_here_gives() -> None:
    sets = [transaction(BAD, Patient((claim("A-3"),), FAMILY, SON), number=f"{number:04}") for number in range(1, 5)]
    data = envelope(*sets).replace(b"GE*4", b"GE*5").replace(b"ST*837*0003", b"ST*276*0003")
    assert list(file_elsewhere(OUTLINES, pieces(data))) == filed_here(data)


def test_what_is_no_x12_is_told_alike() -> None:
    data = b"ISA*nonsense" * 30
    assert list(file_elsewhere(OUTLINES, pieces(data))) == filed_here(data)


def test_no_process_is_left_when_nobody_reads_on() -> None:
    reading = file_elsewhere(OUTLINES, pieces(file(BAD) * 20))
    next(reading)
    assert active_children()
    reading.close()
    assert not active_children()


def test_a_process_that_is_killed_is_an_outage() -> None:
    reading = file_elsewhere(OUTLINES, pieces(file(BAD) * 50))
    next(reading)
    [process] = active_children()
    os.kill(process.pid or 0, signal.SIGKILL)
    with pytest.raises(Outage, match="the process that reads the file has ended"):
        list(reading)


@pytest.mark.slow
def test_the_process_ends_when_its_reader_is_killed() -> None:
    reader = os.fork()
    if reader == 0:
        reading = file_elsewhere(OUTLINES, pieces(file(BAD) * 50))
        next(reading)
        time.sleep(600)
        os._exit(0)
    deadline = time.monotonic() + 120
    children: list[int] = []
    while not children or not any("spawn_main" in _command(pid) for pid in children):
        assert time.monotonic() < deadline
        time.sleep(0.1)
        children = [int(pid) for pid in Path(f"/proc/{reader}/task/{reader}/children").read_text().split()]
    os.kill(reader, signal.SIGKILL)
    os.waitpid(reader, 0)
    while any("spawn_main" in _command(pid) for pid in children):
        assert time.monotonic() < deadline, "it is still there"
        time.sleep(0.1)


def _command(pid: int) -> str:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_text()
    return ""
