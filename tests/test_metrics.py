"""What the gateway counts, in one process and over several."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from prometheus_client.multiprocess import mark_process_dead

from gateway.doors.refusals import Refusal
from gateway.metrics import SECONDS_EDGES, Metrics, Mode, Stage, Transaction
from gateway.store.keys import Kind
from gateway.store.observing import Dependency, Tier
from tests.timing import assert_takes_at_most

WORKER = """
import sys
from gateway.metrics import Metrics, Mode, Transaction
from gateway.exchange import Outcome
metrics = Metrics()
metrics.requests(Transaction.ELIGIBILITY, Mode.REAL_TIME, Outcome.ELIGIBILITY).inc(int(sys.argv[1]))
metrics.request_seconds.observe(0.003)
metrics.in_work = 5
metrics.flush()
"""


def text(metrics: Metrics) -> str:
    metrics.flush()
    return metrics.exposition().decode()


def test_a_request_is_counted_by_transaction_mode_and_outcome() -> None:
    metrics = Metrics()
    metrics.requests(Transaction.ELIGIBILITY, Mode.REAL_TIME, Refusal.BUSY).inc()
    line = 'edi_gateway_requests_total{mode="real_time",outcome="busy",transaction="270"} 1.0'
    assert line in text(metrics)


def test_facts_are_counted_by_kind_and_tier() -> None:
    metrics = Metrics()
    metrics.found(Kind.PLAN, Tier.REDIS, 3)
    assert 'edi_gateway_fact_lookups_total{kind="plan",tier="redis"} 3.0' in text(metrics)


def test_outages_are_counted_by_dependency() -> None:
    metrics = Metrics()
    metrics.failed(Dependency.DATABASE)
    assert 'edi_gateway_outages_total{dependency="database"} 1.0' in text(metrics)


def test_a_duration_falls_into_the_bucket_whose_edge_it_does_not_pass() -> None:
    metrics = Metrics()
    for seconds in (0.001, 0.0011, 30.0):
        metrics.stage(Stage.DECIDE).observe(seconds)
    shown = text(metrics)
    assert 'edi_gateway_stage_seconds_bucket{le="0.001",stage="decide"} 1.0' in shown
    assert 'edi_gateway_stage_seconds_bucket{le="0.0025",stage="decide"} 2.0' in shown
    assert 'edi_gateway_stage_seconds_bucket{le="20.0",stage="decide"} 2.0' in shown
    assert 'edi_gateway_stage_seconds_bucket{le="+Inf",stage="decide"} 3.0' in shown
    assert 'edi_gateway_stage_seconds_count{stage="decide"} 3.0' in shown


def test_the_objectives_are_bucket_edges() -> None:
    assert {0.005, 0.025, 0.1, 20.0} <= set(SECONDS_EDGES)


def test_a_flush_carries_each_event_once() -> None:
    metrics = Metrics()
    metrics.request_seconds.observe(0.1)
    metrics.flush()
    metrics.flush()
    assert "edi_gateway_request_seconds_count 1.0" in text(metrics)


def test_a_stage_without_a_name_of_ours_is_our_bug() -> None:
    with pytest.raises(KeyError):
        Metrics().stage("made up")


@pytest.mark.parametrize("dead", [False, True])
def test_any_worker_answers_for_all_and_a_dead_ones_gauge_is_gone(tmp_path: Path, dead: bool) -> None:
    environment = os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    pids = []
    for amount in ("2", "3"):
        with subprocess.Popen([sys.executable, "-c", WORKER, amount], env=environment) as worker:
            assert worker.wait(120) == 0
            pids.append(worker.pid)
    if dead:
        for pid in pids:
            mark_process_dead(pid, str(tmp_path))
    show = "from gateway.metrics import Metrics; print(Metrics().exposition().decode())"
    shown = subprocess.check_output([sys.executable, "-c", show], env=environment, text=True, timeout=120)
    assert 'edi_gateway_requests_total{mode="real_time",outcome="271",transaction="270"} 5.0' in shown
    assert 'edi_gateway_request_seconds_bucket{le="0.005"} 2.0' in shown
    assert "edi_gateway_requests_in_work " + ("0.0" if dead else "10.0") in shown


def test_an_observation_costs_far_less_than_the_work_it_measures() -> None:
    timing = Metrics().stage(Stage.PARSE)

    def observe() -> None:
        for _ in range(10_000):
            timing.observe(0.004)

    assert_takes_at_most(10_000 * 10e-6, observe)
