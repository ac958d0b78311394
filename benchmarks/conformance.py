"""How fast files are framed and judged: ``python -m benchmarks.conformance [--json] [--megabytes N]``.

Three figures: the usual real-time 270 of 17 segments; microseconds a segment on larger files beside pyx12 with its maps
kept in memory, both measured in this run; and a batch of 270s streamed through, with the memory that it takes.
"""

import argparse
import json
import resource
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.verdicts import sample_files
from parsers import reference
from parsers.conformance import check_group, check_transaction
from parsers.findings import Finding
from parsers.frames import Interchange
from parsers.framing import Framer, GroupClosed, TransactionRead, read

SEGMENTS_MIN = 40
"""A file of fewer segments is not one of the larger ones."""
LARGER_KINDS = ("834", "835", "837")
RATIO_WANTED = 50
ROUNDS = 60
"""Fewer than it takes for a shape to be learnt: the larger files are all walked."""
SETS_PER_CHUNK = 160
"""Fed at once, about 64 KiB: what comes out of it stays within the processor's cache."""

_ISA = "ISA*00*          *00*          *ZZ*SUBMITTER01    *ZZ*PAYER01        *260601*0930*^*00501*000000101*0*T*:~"
_GS = "GS*HS*SUBMITTER01*PAYER01*20260601*0930*101*X*005010X279A1~"
_SET = (
    "ST*270*{number}*005010X279A1~BHT*0022*13*INQ-{number}*20260601*0930~"
    "HL*1**20*1~NM1*PR*2*HARBOR HEALTH PLAN*****PI*PAYER01~"
    "HL*2*1*21*1~NM1*1P*2*LAKESIDE CLINIC*****XX*1234567893~REF*EO*4775639~"
    "HL*3*2*22*0~TRN*1*TRACE-{number}*9SUBMITTER~NM1*IL*1*ROWAN*ALICE****MI*HHP{number}~REF*6P*GROUP17~"
    "N3*12 QUAY STREET~N4*PORTLAND*ME*04101~DMG*D8*19840229*F~DTP*291*D8*20260601~EQ*30~SE*17*{number}~"
)


def one_inquiry() -> bytes:
    """A 270 of 17 segments in its envelopes."""
    return (_ISA + _GS + _SET.format(number="0001") + "GE*1*101~IEA*1*000000101~").encode()


def batch(megabytes: int) -> Iterator[bytes]:
    """A batch file of 270s, in chunks."""
    sets = (megabytes << 20) // len(_SET.format(number="000000001"))
    yield (_ISA + _GS).encode()
    for first in range(1, sets + 1, SETS_PER_CHUNK):
        numbers = range(first, min(first + SETS_PER_CHUNK, sets + 1))
        yield "".join(_SET.format(number=f"{number:09d}") for number in numbers).encode()
    yield f"GE*{sets}*101~IEA*1*000000101~".encode()


def judge(interchanges: list[Interchange]) -> list[Finding]:
    """All findings on a framed file."""
    findings: list[Finding] = []
    for interchange in interchanges:
        findings += interchange.findings
        for group in interchange.groups:
            findings += group.findings + check_group(group, interchange)
            for transaction in group.transactions:
                findings += transaction.findings + check_transaction(transaction, group, interchange)
    return findings


def best_us(work: Callable[[], object], rounds: int) -> float:
    """The best of some rounds, in microseconds of the processor: others may be at work on the machine."""
    best = float("inf")
    for _ in range(rounds):
        start = time.process_time()
        work()
        best = min(best, time.process_time() - start)
    return best * 1e6


def measure_inquiry() -> dict[str, float]:
    """The real-time inquiry: framing, guide check, both; and pyx12 with its maps kept."""
    data = one_inquiry()
    for _ in range(1_000):
        assert judge(read(data)) == []
    interchange = read(data)[0]
    group = interchange.groups[0]
    transaction = group.transactions[0]
    return {
        "framing_us": best_us(lambda: read(data), 3_000),
        "guide_us": best_us(lambda: check_transaction(transaction, group, interchange), 3_000),
        "both_us": best_us(lambda: judge(read(data)), 3_000),
        "pyx12_us": best_us(lambda: reference.judge(data), 20),
    }


def larger_files() -> list[Path]:
    """The larger samples of the kinds that pyx12 ships maps for, those that it judges."""
    return [path for path in sample_files() if path.parent.name in LARGER_KINDS and _is_larger(path.read_bytes())]


def _is_larger(data: bytes) -> bool:
    interchanges = read(data)
    count = sum(len(t.segments) for i in interchanges for g in i.groups for t in g.transactions)
    return count >= SEGMENTS_MIN and not reference.judge(data).gave_up


def measure_larger(paths: list[Path]) -> list[dict[str, object]]:
    """For each file, microseconds a segment by us and by pyx12."""
    rows: list[dict[str, object]] = []
    for path in paths:
        data = path.read_bytes()
        segments = data.count(data[105:106])
        ours = best_us(lambda data=data: judge(read(data)), ROUNDS) / segments  # type: ignore[misc]
        theirs = best_us(lambda data=data: reference.judge(data), 4) / segments  # type: ignore[misc]
        rows.append(
            {
                "file": path.name,
                "segments": segments,
                "ours_us": ours,
                "pyx12_us": theirs,
                "ratio": theirs / ours,
            }
        )
    return rows


def measure_batch(megabytes: int) -> dict[str, float]:
    """A batch streamed through framing and guide check: speed, and the most memory that the process ever took."""
    framer = Framer()
    size = transactions = 0
    seconds = 0.0
    for chunk in batch(megabytes):
        start = time.process_time()
        for event in framer.feed(chunk):
            if isinstance(event, TransactionRead):
                transactions += 1
                assert check_transaction(event.transaction, event.group, event.interchange) == []
            elif isinstance(event, GroupClosed):
                assert check_group(event.group, event.interchange) == event.group.findings == []
        seconds += time.process_time() - start
        size += len(chunk)
    framer.close()
    return {
        "megabytes": size / 1e6,
        "transactions": transactions,
        "megabytes_per_second": size / 1e6 / seconds,
        "us_per_transaction": seconds / transactions * 1e6,
        "peak_rss_megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def measure(megabytes: int) -> dict[str, object]:
    """All figures; the batch first, so that its memory is its own."""
    streamed = measure_batch(megabytes)
    rows = measure_larger(larger_files())
    ratios = sorted(float(str(row["ratio"])) for row in rows)
    return {
        "inquiry": measure_inquiry(),
        "larger": rows,
        "ratio_median": ratios[len(ratios) // 2] if ratios else None,
        "batch": streamed,
    }


def _print(figures: dict[str, object], console: Console) -> None:
    table = Table(title="microseconds a segment")
    for heading in ("file", "segments", "ours", "pyx12", "ratio"):
        table.add_column(heading, justify="left" if heading == "file" else "right")
    rows = figures["larger"]
    for row in rows if isinstance(rows, list) else []:
        table.add_row(
            row["file"],
            str(row["segments"]),
            f"{row['ours_us']:.2f}",
            f"{row['pyx12_us']:.0f}",
            f"{row['ratio']:.0f}",
        )
    console.print(table)
    console.print(f"median ratio {figures['ratio_median']:.0f}, wanted at least {RATIO_WANTED}")
    for name in ("inquiry", "batch"):
        console.print(name, figures[name])


def main(arguments: list[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.conformance", description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--megabytes", type=int, default=100, metavar="N")
    options = parser.parse_args(arguments)
    figures = measure(options.megabytes)
    if options.json:
        print(json.dumps(figures))
    else:
        _print(figures, Console())
    return 0


if __name__ == "__main__":
    sys.exit(main())
