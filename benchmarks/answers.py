"""Made-up cases answered and judged: ``python -m benchmarks.answers [--transaction 277] [--count N] [--seed N]``.

Each case is a 270 about made-up members of made-up plans (``tests.generated``), or a 276 about their claims
(``tests.generated_claims``), answered from bytes to bytes. Our own check and pyx12 with our map must both accept the
answer, and x12sdk must read from it the benefit lines or claim statuses that were decided. A case where one of them
does not is shown by its number, which makes it again; the exit status is then 1.
"""

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from os import cpu_count

from rich.console import Console
from rich.progress import track

from edi.claim_status import ClaimStatusAnswer
from edi.delimiters import STANDARD
from parsers import check, reference
from tests import claim_answering
from tests.answering import answer, read_request, write
from tests.generated_claims import claim_situation
from tests.generated_inquiries import situation
from tests.guide_support import first_repetitions
from tests.read_back import lines_decided, lines_read
from tests.read_back_claims import told_decided, told_read

SHOWN_MAX = 20
_CASES_PER_TASK = 100


@dataclass(slots=True)
class Tally:
    """What came of some cases."""

    counts: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    """Case number and what is wrong with its answer."""

    def add(self, other: "Tally") -> None:
        """Take in what came of other cases."""
        self.counts.update(other.counts)
        self.faults += other.faults


def judge(number: int) -> Tally:
    """Answer one case and have the answer judged."""
    tally = Tally()
    made = situation(number)
    request = read_request(made)
    tally.counts["cases"] += 1
    if request is None:
        tally.counts["refused by 999"] += 1
        return tally
    answers = answer(made, request)
    data = write(made, request, answers)
    tally.counts["271s"] += 1
    tally.counts["patients"] += len(answers)
    tally.counts["patients refused"] += sum(bool(each.rejections) for each in answers)
    _judge_form(tally, number, data)
    if made.answered_in != STANDARD:  # a character that delimits is told as another; x12sdk drops line ends
        data = write(replace(made, answered_in=STANDARD), request, answers)
    decided, found = lines_decided(answers), lines_read(data)
    tally.counts["benefit lines"] += len(decided)
    differing = [pair for pair in zip(decided, found, strict=False) if pair[0] != pair[1]]
    _note(tally, number, "read back equal by x12sdk", decided == found, differing[:1] or (len(decided), len(found)))
    return tally


def judge_claim_status(number: int) -> Tally:
    """Answer one case about claims and have the answer judged."""
    tally = Tally()
    made = claim_situation(number)
    request = claim_answering.read_request(made)
    tally.counts["cases"] += 1
    if request is None:
        tally.counts["refused by 999"] += 1
        return tally
    answers = claim_answering.answer(made, request)
    data = claim_answering.write(made, request, answers)
    tally.counts["277s"] += 1
    tally.counts["inquiries"] += len(answers)
    tally.counts["inquiries answered from claims"] += sum(_tells_a_claim(each) for each in answers)
    _judge_form(tally, number, data)
    if made.answered_in != STANDARD:
        data = claim_answering.write(replace(made, answered_in=STANDARD), request, answers)
    decided, found = told_decided(answers, request.reference), told_read(data)
    tally.counts["loops with statuses"] += len(found)
    differing = decided.symmetric_difference(found)
    _note(tally, number, "read back equal by x12sdk", not differing, list(differing)[:2])
    return tally


def _tells_a_claim(answer: ClaimStatusAnswer) -> bool:
    return any(reference.qualifier == "1K" for claim in answer.claims for reference in claim.references)


JUDGES: Mapping[str, Callable[[int], Tally]] = {"271": judge, "277": judge_claim_status}


def _judge_form(tally: Tally, number: int, data: bytes) -> None:
    report = check(data)
    _note(tally, number, "accepted by our check", report.accepted, report.findings)
    verdict = reference.judge(first_repetitions(data.decode("ascii")).encode())
    _note(tally, number, "accepted by pyx12", verdict.accepted and not verdict.points, verdict)


def _note(tally: Tally, number: int, what: str, holds: bool, why: object) -> None:
    tally.counts[what] += holds
    if not holds:
        tally.faults.append(f"case {number} not {what}: {why}"[:600])


def judge_all(transaction: str, first: int, count: int, *, processes: int, show: bool) -> Tally:
    """Judge ``count`` cases from number ``first`` on, spread over processes."""
    tally = Tally()
    total = -(-count // _CASES_PER_TASK)
    bar = partial(track, description="cases", total=total, console=Console(stderr=True), disable=not show)
    with ProcessPoolExecutor(processes) as pool:
        for part in bar(pool.map(partial(_judge_range, transaction), _ranges(first, count))):
            tally.add(part)
    return tally


def _ranges(first: int, count: int) -> Iterator[range]:
    for start in range(first, first + count, _CASES_PER_TASK):
        yield range(start, min(start + _CASES_PER_TASK, first + count))


def _judge_range(transaction: str, numbers: range) -> Tally:
    tally = Tally()
    for number in numbers:
        tally.add(JUDGES[transaction](number))
    return tally


def _print(tally: Tally, seconds: float) -> None:
    console = Console()
    for name, count in tally.counts.items():
        console.print(f"{count:10,}  {name}")
    console.print(f"{seconds:10.1f}  seconds")
    for fault in tally.faults[:SHOWN_MAX]:
        console.print(fault, style="red", highlight=False, markup=False)


def main(arguments: list[str] | None = None) -> int:
    """The command; 1 when an answer is not accepted or not read as it was decided."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.answers", description=__doc__)
    parser.add_argument("--transaction", choices=tuple(JUDGES), default="271", help="what is answered (271)")
    parser.add_argument("--count", type=int, default=100_000, metavar="N")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="number of the first case")
    parser.add_argument("--processes", type=int, default=cpu_count() or 1, metavar="N")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    begun = time.monotonic()
    show = sys.stderr.isatty() and not options.json
    tally = judge_all(options.transaction, options.seed, options.count, processes=options.processes, show=show)
    seconds = time.monotonic() - begun
    if options.json:
        print(json.dumps({"seed": options.seed, "seconds": seconds, **tally.counts, "faults": tally.faults}))
    else:
        _print(tally, seconds)
    return 1 if tally.faults else 0


if __name__ == "__main__":
    sys.exit(main())
