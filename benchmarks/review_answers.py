"""Made-up reviews answered and judged: ``python -m benchmarks.review_answers [--count N] [--seed N] [--json]``.

Each case is a 278 request of any kind, a plan's policy, a reviewer's ruling and some rejections
(`tests.generated_reviews`), and gives 13 to 17 responses: decided by the rules in each way, by a reviewer and by the
clock, cancelled since, refused, of a used trace, outside the hours. Our own check and pyx12 with our guide must both
accept each. A response that one of them does not accept is shown with its kind; the exit status is then 1.
"""

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from os import cpu_count
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from benchmarks.answers import SHOWN_MAX, Tally
from edi.services_review import ReviewRequest
from edi.services_review_answer import LevelAnswer, ReviewAnswer
from parsers import check
from rules.facts.reviews import ReviewPolicy, Ruling
from tests.generated_reviews import POLICIES, REJECTIONS, REQUESTS, RULINGS, SOUND_REQUESTS, Wanted, all_answers
from tests.guide_support import judge
from tests.review_support import response_maps
from tests.review_tables import interchange

_CASES_PER_TASK = 250
_REQUESTS = st.one_of(REQUESTS, SOUND_REQUESTS, SOUND_REQUESTS)


def judge_cases(first: int, count: int) -> Tally:
    """Answer ``count`` cases of the seed ``first`` and have the answers judged."""
    tally = Tally()

    @seed(first)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(
        request=st.one_of(REQUESTS, SOUND_REQUESTS, SOUND_REQUESTS), policy=POLICIES, ruling=RULINGS, wanted=REJECTIONS
    )
    def judge_case(request: ReviewRequest, policy: ReviewPolicy, ruling: Ruling, wanted: Wanted) -> None:
        tally.counts["cases"] += 1
        for kind, answered in all_answers(request, policy, ruling, wanted):
            _judge(tally, kind, answered, maps)

    with contextmanager(response_maps)() as maps:
        judge_case()
    return tally


def _judge(tally: Tally, kind: str, answered: ReviewAnswer, maps: Path) -> None:
    text = interchange(answered)
    report, verdict = check(text.encode()), judge(text, maps)
    tally.counts["responses"] += 1
    tally.counts[f"responses {kind}"] += 1
    tally.counts["accepted by our check"] += report.accepted
    tally.counts["accepted by pyx12"] += verdict.faults == ()
    tally.counts.update(f"HCR01 {action}" for action in _actions(answered))
    tally.counts.update(f"AAA03 {rejection.reason.value}" for rejection in answered.rejections)
    if not report.accepted or verdict.faults:
        tally.faults.append(f"{kind}: {report.findings} {verdict.faults} {text}"[:600])


def _actions(answered: ReviewAnswer) -> Iterator[str]:
    levels: list[LevelAnswer | None] = [answered.event, *(service.answer for service in answered.services)]
    return (level.decision.action.value for level in levels if level is not None and level.decision is not None)


def judge_all(first: int, count: int, *, processes: int) -> Tally:
    """Judge ``count`` cases, spread over processes; the same for the same seed."""
    tally = Tally()
    sizes = [min(_CASES_PER_TASK, count - done) for done in range(0, count, _CASES_PER_TASK)]
    with ProcessPoolExecutor(processes) as pool:
        for part in pool.map(judge_cases, range(first, first + len(sizes)), sizes):
            tally.add(part)
    return tally


def _print(counts: Counter[str], faults: Sequence[str], seconds: float) -> None:
    for name, count in sorted(counts.items()):
        print(f"{count:10,}  {name}")
    print(f"{seconds:10.1f}  seconds")
    for fault in faults[:SHOWN_MAX]:
        print(fault)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; 1 when a response is not accepted."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.review_answers", description=__doc__)
    parser.add_argument("--count", type=int, default=1000, metavar="N")
    parser.add_argument("--seed", type=int, default=0, metavar="N")
    parser.add_argument("--processes", type=int, default=cpu_count() or 1, metavar="N")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    begun = time.monotonic()
    tally = judge_all(options.seed, options.count, processes=options.processes)
    seconds = round(time.monotonic() - begun, 1)
    if options.json:
        print(json.dumps({"seed": options.seed, "seconds": seconds, **tally.counts, "faults": tally.faults}))
    else:
        _print(tally.counts, tally.faults, seconds)
    return 1 if tally.faults else 0


if __name__ == "__main__":
    sys.exit(main())
