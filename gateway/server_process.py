"""One process that answers requests: ``python -m gateway.server_process FD``, started by ``gateway.server``.

The listening socket is inherited; the settings come as one line on standard input, whose end means that the parent is
gone; ``READY`` goes to standard output when requests are accepted, and then a ``BEAT`` as long as the event loop turns.
"""

import asyncio
import logging
import os
import resource
import signal
import sys
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from socket import socket

import uvloop

from edi.errors import Outage
from gateway.application import Gateway, open_gateway
from gateway.audit.disclosing import Feed
from gateway.clock import Clock, system_clock
from gateway.doors.asgi import Application
from gateway.doors.changes import ChangesDoor
from gateway.doors.claims.door import CLAIMS_PATH, ONE_CLAIM_PATHS, ClaimsDoor
from gateway.doors.claims.feed import CLAIM_CHANGES_PATH, ClaimTeller
from gateway.doors.connections import Patrol
from gateway.doors.eligibility.answering import ELIGIBILITY_PATH, JSON, EligibilityAnswerer
from gateway.doors.explain import add_explaining
from gateway.doors.front import build_front
from gateway.doors.hours import hours_routes
from gateway.doors.keys import BearerKeys
from gateway.doors.operations import build_operations
from gateway.doors.real_time import InWork, RealTimeDoor
from gateway.doors.reviews.asking import ReviewAsker
from gateway.doors.reviews.callers import Callers
from gateway.doors.reviews.door import ReviewDoor
from gateway.doors.reviews.feed import REVIEW_CHANGES_PATH, ReviewChangeTeller
from gateway.doors.reviews.routes import review_routes
from gateway.doors.serving import HttpServer, http_server
from gateway.doors.x12 import X12, X12_PATH
from gateway.hours.gauge import keep_hours_shown
from gateway.limits import Limits
from gateway.logs import log, log_loop_errors, set_up_logs
from gateway.metrics import Metrics
from gateway.settings import Settings, decode_settings
from gateway.warming import warm_up
from rules.facts import Function

READY = b"ready\n"
BEAT = b"."
RESTART_S = 60.0

logger = logging.getLogger(__name__)


def limits_of(settings: Settings) -> Limits:
    """The limits, with those that the operator sets."""
    return replace(
        Limits(),
        interchange_bytes_max=settings.interchange_bytes_max,
        requests_in_work_max=settings.requests_in_work_max,
        requests_in_work_per_submitter_max=settings.requests_in_work_per_submitter_max,
    )


def build_application(
    gateway: Gateway, limits: Limits, clock: Clock = system_clock, *, access_log: bool = False
) -> Application:
    """All doors of the gateway as one ASGI callable."""
    metrics, keys = gateway.metrics, BearerKeys(gateway.facts, gateway.reviewers)
    in_work = InWork(metrics, limits)
    known_closure = partial(gateway.known_closure, Function.ELIGIBILITY)
    eligibility = EligibilityAnswerer(gateway.pipeline, gateway.configuration, known_closure)
    doors: dict[str, Application] = {
        X12_PATH: RealTimeDoor(X12, keys, gateway.pipeline, in_work, metrics, limits, clock, access_log=access_log),
        ELIGIBILITY_PATH: RealTimeDoor(JSON, keys, eligibility, in_work, metrics, limits, clock, access_log=access_log),
    }
    claims = ClaimsDoor(
        keys,
        gateway.facts,
        gateway.pipeline,
        gateway.disclosures,
        gateway.configuration,
        in_work,
        metrics,
        limits,
        clock,
    )
    doors |= {CLAIMS_PATH: claims, ONE_CLAIM_PATHS: claims, **_feeds(gateway, keys, limits, clock)}
    operations = build_operations(gateway.ready, metrics, limits)
    add_explaining(operations, keys, gateway.facts, gateway.explainer, limits)
    operations.include_router(hours_routes(gateway.calendar, gateway.configuration.profile.identifier, clock))
    callers = Callers(keys, gateway.facts, gateway.reviewers)
    asker = ReviewAsker(gateway.pipeline, gateway.reviews, gateway.configuration)
    reviews = ReviewDoor(
        callers, gateway.reviews, asker, gateway.facts, gateway.disclosures, in_work, metrics, limits, clock
    )
    operations.include_router(review_routes(reviews))
    return build_front(doors, operations, metrics)


def _feeds(gateway: Gateway, keys: BearerKeys, limits: Limits, clock: Clock) -> dict[str, Application]:
    """The doors of those who follow changes."""
    metrics, disclosures = gateway.metrics, gateway.disclosures
    claims = ClaimTeller(gateway.configuration)
    reviews = ReviewChangeTeller(gateway.facts, gateway.configuration.profile.identifier)
    return {
        CLAIM_CHANGES_PATH: ChangesDoor(
            Feed.CLAIMS, claims, gateway.following, disclosures, keys, metrics, limits, clock
        ),
        REVIEW_CHANGES_PATH: ChangesDoor(
            Feed.REVIEWS, reviews, gateway.following_reviews, disclosures, keys, metrics, limits, clock
        ),
    }


async def serve_until_told(settings: Settings, listener: socket) -> None:
    """Answer requests until SIGTERM or the parent's end.

    Raises:
        Outage: what the gateway needs at its start is not there.
    """
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(log_loop_errors)
    limits = limits_of(settings)
    async with open_gateway(settings) as gateway:
        patrol = Patrol(limits, gateway.metrics)
        server = http_server(build_application(gateway, limits, access_log=settings.access_log), patrol, limits)
        server.on_ready = partial(_tell, READY)
        server.on_stop = gateway.end_waiting
        loop.add_signal_handler(signal.SIGTERM, server.stop)
        loop.add_reader(sys.stdin, _stop_at_end, server)
        warm_up()
        background = [
            asyncio.create_task(_beat(gateway.metrics, limits)),
            *(
                asyncio.create_task(keep_running(run))
                for run in (
                    partial(keep_hours_shown, gateway.calendar, gateway.metrics, limits.metrics_flush_s),
                    gateway.clocks.run,
                    gateway.holding.run,
                    gateway.pruner.run,
                )
            ),
        ]
        await server.serve(sockets=[listener])
        for task in background:
            task.cancel()
        gateway.metrics.flush()


async def keep_running(run: Callable[[], Awaitable[None]], pause_s: float = RESTART_S) -> None:
    """Run what never ends by itself; where a fault of ours ends it, log that, and begin again after a pause."""
    while True:
        try:
            await run()
        except Exception as error:
            log(logger, logging.ERROR, "what runs in the background failed and begins again", error)
        await asyncio.sleep(pause_s)


async def _beat(metrics: Metrics, limits: Limits) -> None:
    """Tell the parent that the event loop turns, and let the other workers see this one's figures."""
    while True:
        await asyncio.sleep(limits.metrics_flush_s)
        metrics.flush()
        _tell(BEAT)


def _tell(word: bytes) -> None:
    os.write(sys.stdout.fileno(), word)


def _stop_at_end(server: HttpServer) -> None:
    if not os.read(sys.stdin.fileno(), 1):
        asyncio.get_running_loop().remove_reader(sys.stdin)
        server.stop()


def _allow_files() -> None:
    """As many open files, and so connections, as this account may have."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def main() -> int:
    """Run one process; exit status 1 when it could not start."""
    settings = decode_settings(sys.stdin.buffer.readline())
    set_up_logs(settings.log_level)
    _allow_files()
    listener = socket(fileno=int(sys.argv[1]))
    try:
        uvloop.run(serve_until_told(settings, listener))
    except Outage as outage:
        log(logger, logging.ERROR, "the gateway cannot start", outage)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
