"""How fast claims are loaded from an 837: ``python -m benchmarks.loading [--claims N] [--sets N] [--json]``.

Makes up a book and an 837 of its members' claims, starts servers of its own, loads the coverage, and then has
``edi-gateway load claims`` load the file as anybody would, guide check, members and history included. The seconds are
those of the whole command, from its start to its end; the memory is the most that its processes took together at
any time, looked at ten times a second.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from benchmarks.claim_files import book_day, write_claim_file
from gateway.book import Book, book
from gateway.embedded import EmbeddedServers
from gateway.settings import variable
from gateway.store.loading import load_contracts, load_plans, load_providers
from gateway.store.migrating import migrate

SEED = 7
SAMPLE_SECONDS = 0.1
WANTED_CLAIMS_PER_SECOND = 3_000
RSS_MEGABYTES_MAX = 150


async def prepare_store(database_url: str, made: Book) -> None:
    """The schema, and the members whose claims are to come."""
    await migrate(database_url)
    await load_plans(database_url, made.plans())
    await load_providers(database_url, made.providers())
    await load_contracts(database_url, made.contracts())


def load(file: Path, database_url: str, kind: str = "claims") -> dict[str, float]:
    """Load the file by the command; its wall-clock and processor time, and the memory that its processes took."""
    command = (sys.executable, "-c", "from gateway.cli import main; main()", "load", kind, str(file))
    began = time.perf_counter()
    process = subprocess.Popen(command, env={**os.environ, variable("database_url"): database_url})
    peak_kilobytes = ended = 0
    while ended == 0:
        time.sleep(SAMPLE_SECONDS)
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


def measure(claims: int, members: int, sets: int) -> dict[str, float]:
    """All figures: the first load, and the same file again."""
    made = book(members, SEED, book_day())
    with tempfile.TemporaryDirectory(prefix="edi-bench-") as folder, EmbeddedServers(Path(folder) / "data") as servers:
        asyncio.run(prepare_store(servers.database_url, made))
        file = Path(folder) / "claims.edi"
        write_claim_file(str(file), made, claims, sets)
        first = load(file, servers.database_url)
        again = load(file, servers.database_url)
        return {
            "claims": claims,
            "sets": sets,
            "megabytes": file.stat().st_size / 1e6,
            "claims_per_second": claims / first["seconds"],
            **first,
            "claims_per_second_again": claims / again["seconds"],
        }


def main(arguments: list[str] | None = None) -> int:
    """The command; its exit status is 1 when what is wanted is not reached."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.loading", description=__doc__)
    parser.add_argument("--claims", type=int, default=100_000, metavar="N")
    parser.add_argument("--members", type=int, default=20_000, metavar="N", help="in the book whose claims they are")
    parser.add_argument("--sets", type=int, default=4, metavar="N", help="transaction sets in the file")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    figures = measure(options.claims, options.members, options.sets)
    if options.json:
        print(json.dumps(figures))
    else:
        for name, value in figures.items():
            print(f"{name:<24} {value:>12,.1f}")
    is_reached = (
        figures["claims_per_second"] >= WANTED_CLAIMS_PER_SECOND and figures["peak_rss_megabytes"] <= RSS_MEGABYTES_MAX
    )
    return 0 if is_reached else 1


if __name__ == "__main__":
    sys.exit(main())
