"""Our verdicts beside pyx12's: ``python -m benchmarks.verdicts [--mutants N] [--seed N] [--json] [FILE...]``.

``--differences`` prints the table of deliberate differences and compares nothing.

For each file, and for seeded mutants of the files, both judges must accept or reject alike and find the same set of
(segment, element, code). What differs on purpose is counted by class (``benchmarks.differences``); the rest is
unexplained and makes the exit status 1.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from os import cpu_count
from pathlib import Path

from rich.console import Console
from rich.progress import track

from benchmarks.differences import DIFFERENCES, GAVE_UP, LOST, Case
from benchmarks.mutants import mutate
from parsers.reference import Point

ROOT = Path(__file__).parents[1]
SAMPLES = (ROOT / "tests" / "samples", ROOT.parent / "shared" / "samples")
MUTATED_BYTES_MAX = 60_000
"""Larger files are compared as they are, not mutated."""
SHOWN_MAX = 20
_CHUNK = 50


@dataclass(slots=True)
class Outcome:
    """The comparison of one file."""

    name: str
    same: bool = False
    classes: set[str] = field(default_factory=set)
    unexplained: list[str] = field(default_factory=list)


def compare(data: bytes, name: str = "") -> Outcome:
    """Judge a file by both and say how the verdicts differ."""
    case = Case(data)
    theirs = case.reference
    outcome = Outcome(name)
    if theirs.points == case.ours and theirs.accepted == (not case.ours) and not theirs.gave_up:
        outcome.same = True
    elif theirs.gave_up:
        _explain_whole(outcome, GAVE_UP.explains(case, _NOWHERE), GAVE_UP.name, theirs.gave_up)
    else:
        for point in sorted(theirs.points ^ case.ours):
            _explain(outcome, case, point)
        if theirs.accepted and theirs.points:
            outcome.classes.add(LOST.name)
        elif theirs.points == case.ours:
            outcome.unexplained.append("the same findings, another verdict")
    return outcome


_NOWHERE = Point.nowhere()


def _explain_whole(outcome: Outcome, explained: bool, name: str, what: str) -> None:
    if explained:
        outcome.classes.add(name)
    else:
        outcome.unexplained.append(what)


def _explain(outcome: Outcome, case: Case, point: Point) -> None:
    classes = [difference.name for difference in DIFFERENCES if difference.explains(case, point)]
    if classes:
        outcome.classes.add(classes[0])
    else:
        outcome.unexplained.append(f"{'ours' if point in case.ours else 'pyx12'} only: {point}")


def sample_files() -> list[Path]:
    """All samples that are here, in a fixed order."""
    return sorted(path for folder in SAMPLES for path in folder.rglob("*") if path.is_file() and _is_sample(path))


def _is_sample(path: Path) -> bool:
    return path.suffix not in (".md", ".tsv", ".json", ".py", ".toml") and b"ISA" in path.read_bytes()[:200]


def mutants(files: Iterable[tuple[str, bytes]], count: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """``count`` mutants of the files in turn."""
    bases = [(name, data) for name, data in files if len(data) <= MUTATED_BYTES_MAX and _is_splittable(data)]
    for number in range(count if bases else 0):
        name, data = bases[number % len(bases)]
        mutant = mutate(data, seed + number)
        yield f"{name} seed {seed + number} ({', '.join(mutant.operations)})", mutant.data


def _is_splittable(data: bytes) -> bool:
    """Whether a mutant of it would get past its ISA."""
    return not Case(data).reference.gave_up


def _compare_chunk(chunk: list[tuple[str, bytes]]) -> list[Outcome]:
    return [compare(data, name) for name, data in chunk]


def _chunks(items: Iterator[tuple[str, bytes]]) -> Iterator[list[tuple[str, bytes]]]:
    while chunk := list(islice(items, _CHUNK)):
        yield chunk


def compare_mutants(
    files: list[tuple[str, bytes]], count: int, seed: int, *, processes: int, show: bool
) -> list[Outcome]:
    """Compare ``count`` mutants, spread over processes."""
    chunks = _chunks(mutants(files, count, seed))
    bar = partial(
        track, description="mutants", total=-(-count // _CHUNK), console=Console(stderr=True), disable=not show
    )
    if processes == 1:
        return [outcome for chunk in bar(map(_compare_chunk, chunks)) for outcome in chunk]
    with ProcessPoolExecutor(processes) as pool:
        return [outcome for chunk in bar(pool.map(_compare_chunk, chunks)) for outcome in chunk]


def summary(outcomes: list[Outcome]) -> dict[str, object]:
    """The counts."""
    return {
        "files": len(outcomes),
        "same": sum(outcome.same for outcome in outcomes),
        "deliberate": dict(Counter(name for o in outcomes if not o.unexplained for name in o.classes).most_common()),
        "unexplained": sum(bool(outcome.unexplained) for outcome in outcomes),
    }


def _print(title: str, outcomes: list[Outcome], console: Console) -> None:
    counts = summary(outcomes)
    console.print(f"[bold]{title}[/]: {counts['files']}, same {counts['same']}, unexplained {counts['unexplained']}")
    deliberate = counts["deliberate"]
    if isinstance(deliberate, dict):
        for name, number in deliberate.items():
            console.print(f"  {number:6} {name}")
    for outcome in [o for o in outcomes if o.unexplained][:SHOWN_MAX]:
        console.print(f"  [red]{outcome.name}[/]: {outcome.unexplained[:3]}", highlight=False)


def main(arguments: list[str] | None = None) -> int:
    """The command; 1 when anything is unexplained."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.verdicts", description=__doc__)
    parser.add_argument("--mutants", type=int, default=2_000, metavar="N")
    parser.add_argument("--seed", type=int, default=0, metavar="N")
    parser.add_argument("--processes", type=int, default=cpu_count() or 1, metavar="N")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--differences", action="store_true")
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE")
    options = parser.parse_args(arguments)
    if options.differences:
        print("\n".join(f"| {each.name} | {each.reason} |" for each in (*DIFFERENCES, GAVE_UP, LOST)))
        return 0
    files = [(path.name, path.read_bytes()) for path in options.files or sample_files()]
    plain = [compare(data, name) for name, data in files]
    mutated = compare_mutants(files, options.mutants, options.seed, processes=options.processes, show=not options.json)
    if options.json:
        print(json.dumps({"samples": summary(plain), "mutants": summary(mutated), "seed": options.seed}))
    else:
        console = Console()
        _print("files", plain, console)
        _print("mutants", mutated, console)
    return 1 if any(outcome.unexplained for outcome in plain + mutated) else 0


if __name__ == "__main__":
    sys.exit(main())
