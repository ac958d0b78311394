"""The gauge of each function's service hours, kept up to date while the process runs."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from edi.errors import Outage
from gateway.clock import Clock, system_clock
from gateway.hours.report import statuses
from gateway.metrics import Metrics
from rules.facts.service_hours import ServiceCalendar


async def keep_hours_shown(
    read_calendar: Callable[[], Awaitable[ServiceCalendar]],
    metrics: Metrics,
    every_s: float,
    clock: Clock = system_clock,
) -> None:
    """Set ``edi_gateway_open`` every ``every_s`` seconds until cancelled; it stays while the calendar cannot be had."""
    while True:
        with suppress(Outage):
            for function, told in statuses(await read_calendar(), clock()).items():
                metrics.show_open(function, is_open=told.open)
        await asyncio.sleep(every_s)
