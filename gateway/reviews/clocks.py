"""The clocks of pended reviews while a process runs: gauges of what is due and its order, the close of what lapses."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta, tzinfo

from edi.errors import Outage
from gateway.clock import Clock, system_clock
from gateway.logs import log
from gateway.metrics import Metrics
from gateway.reviews.desk import due, verdict_on
from gateway.store.database import Refused
from gateway.store.review_desk import append_decision, note_due, waiting_reviews
from rules.facts import PayerProfile
from rules.facts.reviews import ReviewProfile
from rules.facts.service_hours import ServiceCalendar
from rules.reviews import Verdict

EVERY_S = 60.0
CLOSED_BY = "clock"
SOON = timedelta(hours=24)
"""How long before something is due it is warned of."""

logger = logging.getLogger(__name__)


class ReviewClocks:
    """Watches the pended reviews of one database; any number of processes may."""

    def __init__(
        self,
        database_url: str,
        read_calendar: Callable[[], Awaitable[ServiceCalendar]],
        profile: PayerProfile,
        reviews: ReviewProfile,
        zone: tzinfo,
        metrics: Metrics,
    ) -> None:
        self._database_url = database_url
        self._read_calendar = read_calendar
        self._profile = profile
        self._closing = Verdict(event=reviews.close)
        self._zone = zone
        self._metrics = metrics

    async def run(self, clock: Clock = system_clock, every_s: float = EVERY_S) -> None:
        """Look every ``every_s`` seconds until cancelled; what fails is tried again the next time."""
        while True:
            try:
                await self.look(clock())
            except Outage as outage:
                log(logger, logging.WARNING, "the clocks of reviews cannot be looked at", outage)
            await asyncio.sleep(every_s)

    async def look(self, now: datetime) -> int:
        """Show what waits, is due soon and is overdue, put it in order, close what may be; give how many that were.

        Raises:
            Outage: PostgreSQL does not answer.
        """
        calendar = await self._read_calendar()
        waiting = due_soon = overdue = 0
        lapsed = []
        moved: dict[int, datetime] = {}
        async for held in waiting_reviews(self._database_url):
            # Working out one takes 0.2 ms, and answers wait no longer than that.
            await asyncio.sleep(0)
            due_at = due(held, calendar)
            waiting += 1
            if due_at is None:
                continue
            if due_at.next != held.listed_at:
                moved[held.review_id] = due_at.next
            overdue += due_at.next <= now
            due_soon += now < due_at.next <= now + SOON
            if due_at.close is not None and due_at.close <= now:
                lapsed.append(held.administrative_reference)
        if moved:
            await note_due(self._database_url, moved)
        self._metrics.show_reviews(waiting=waiting, due_soon=due_soon, overdue=overdue)
        return sum([await self._close(reference, now) for reference in lapsed])

    async def _close(self, reference: str, now: datetime) -> bool:
        """Close one review; False where a reviewer was first."""
        decide = verdict_on(self._closing, CLOSED_BY, self._profile, self._zone, now)
        try:
            await append_decision(self._database_url, reference, CLOSED_BY, decide)
        except Refused:
            return False
        return True
