"""What the benchmarks of ``edi-gateway load`` have in common: the command as anybody would run it, and its figures."""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from gateway.settings import variable

RSS_MEGABYTES_MAX = 150
_SAMPLE_SECONDS = 0.1


def write_file(path: Path, pieces: Iterable[str]) -> None:
    """A file of X12, a piece of text after another."""
    with path.open("w", encoding="ascii") as opened:
        opened.writelines(pieces)


def load_twice(file: Path, database_url: str, kind: str, unit: str, count: int) -> dict[str, float]:
    """Figures of a first load, and of the same file again, when nothing changes.

    Args:
        file: what is loaded.
        database_url: of a store with all that has to be there before.
        kind: what the command is told that the file holds.
        unit: what is counted, in the names of the figures.
        count: how many of them the file holds.
    """
    first, again = (load(file, database_url, kind) for _ in range(2))
    return {
        unit: count,
        "megabytes": file.stat().st_size / 1e6,
        f"{unit}_per_second": count / first["seconds"],
        **first,
        f"{unit}_per_second_again": count / again["seconds"],
    }


def load(file: Path, database_url: str, kind: str) -> dict[str, float]:
    """Load the file by the command; its wall-clock and processor time, and the memory that its processes took."""
    command = (sys.executable, "-c", "from gateway.cli import main; main()", "load", kind, str(file))
    began = time.perf_counter()
    process = subprocess.Popen(command, env={**os.environ, variable("database_url"): database_url})
    peak_kilobytes = ended = 0
    while ended == 0:
        time.sleep(_SAMPLE_SECONDS)
        peak_kilobytes = max(peak_kilobytes, sum(map(resident_kilobytes, family(process.pid))))
        ended, status, usage = os.wait4(process.pid, os.WNOHANG)
    seconds = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, f"the load ended with {process.returncode}"
    return {
        "seconds": seconds,
        "processor_seconds": usage.ru_utime + usage.ru_stime,
        "peak_rss_megabytes": peak_kilobytes / 1024,
    }


def family(pid: int) -> list[int]:
    """A process and its children."""
    children: list[str] = []
    for listed in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            children += listed.read_text().split()
    return [pid, *map(int, children)]


def resident_kilobytes(pid: int) -> int:
    """The memory that a process takes now; 0 where it is gone."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
    return 0


def parser_of(module: str, description: str | None, unit: str) -> argparse.ArgumentParser:
    """A parser of the arguments that all of them take."""
    parser = argparse.ArgumentParser(prog=f"python -m benchmarks.{module}", description=description)
    parser.add_argument(f"--{unit}", type=int, default=100_000, metavar="N")
    parser.add_argument("--json", action="store_true")
    return parser


def conclude(figures: Mapping[str, float], *, as_json: bool, wanted: Mapping[str, float]) -> int:
    """Print the figures; the exit status is 1 when one is less than wanted, or the load took too much memory."""
    if as_json:
        print(json.dumps(figures))
    else:
        for name, value in figures.items():
            print(f"{name:<24} {value:>12,.1f}")
    is_fast = all(figures[name] >= least for name, least in wanted.items())
    return 0 if is_fast and figures["peak_rss_megabytes"] <= RSS_MEGABYTES_MAX else 1
