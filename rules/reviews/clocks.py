"""When a review is due: the federal clocks and CAQH CORE's, as moments.

CMS-0057-F counts hours and calendar days from receipt. CORE counts business days, the day of the event itself not
counted, and leaves out emergency and urgent requests and referrals.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from edi.services_review import ReviewEvent
from edi.services_review_codes import LevelOfService, RequestCategory
from rules.facts.service_hours import ServiceCalendar
from rules.service_hours.business_days import end_of_business_day

URGENT_WITHIN = timedelta(hours=72)
STANDARD_WITHIN = timedelta(days=7)
"""Of receipt (CMS-0057-F)."""
ASK_WITHIN_BUSINESS_DAYS = 2
"""Of receipt: by when documents that are missing are asked for (CAQH CORE)."""
DECIDE_WITHIN_BUSINESS_DAYS = 2
"""Of the day on which all that was asked for has come (CAQH CORE)."""
CLOSE_AFTER_BUSINESS_DAYS = 15
"""Of the asking: after which a request may be closed when nothing has come (CAQH CORE)."""

_URGENT = frozenset({LevelOfService.EMERGENCY, LevelOfService.URGENT})


@dataclass(frozen=True, slots=True)
class DueTimes:
    """The moments by which something is due, in the calendar's zone; None where no rule says so, or not yet."""

    decision: datetime
    """The final answer (CMS-0057-F)."""
    ask: datetime | None
    """Asking for documents, or deciding where none are missing (CORE); None once they have been asked for."""
    after_documents: datetime | None
    """The final answer once all documents are in (CORE)."""
    close: datetime | None
    """From when on the request may be closed (CORE)."""

    @property
    def next(self) -> datetime:
        """The first by which the payer has to do something."""
        return min(moment for moment in (self.decision, self.ask, self.after_documents) if moment is not None)


def is_urgent(event: ReviewEvent) -> bool:
    """Whether the event, or a service of it, is an emergency or urgent."""
    reviews = [event.review, *(service.review for service in event.services if service.review is not None)]
    return any(review.level in _URGENT for review in reviews)


def due_times(
    event: ReviewEvent,
    calendar: ServiceCalendar,
    received_at: datetime,
    asked_at: datetime | None = None,
    complete_at: datetime | None = None,
) -> DueTimes:
    """When what is due of a review.

    Args:
        calendar: whose holidays and zone count.
        received_at: aware, as the others: when the request came.
        asked_at: when documents were asked for.
        complete_at: when all of them were in.
    """
    urgent = is_urgent(event)
    is_free = urgent or _is_referral(event)
    unasked_since = received_at if asked_at is None and complete_at is None else None
    waiting_since = asked_at if complete_at is None else None
    return DueTimes(
        decision=_elapsed(calendar, received_at, URGENT_WITHIN if urgent else STANDARD_WITHIN),
        ask=_business_days(calendar, unasked_since, ASK_WITHIN_BUSINESS_DAYS, is_free=is_free),
        after_documents=_business_days(calendar, complete_at, DECIDE_WITHIN_BUSINESS_DAYS, is_free=is_free),
        close=_business_days(calendar, waiting_since, CLOSE_AFTER_BUSINESS_DAYS, is_free=is_free),
    )


def _elapsed(calendar: ServiceCalendar, moment: datetime, period: timedelta) -> datetime:
    """A moment later by the clock, whatever the clocks on the wall do in between."""
    return (moment.astimezone(UTC) + period).astimezone(ZoneInfo(calendar.zone))


def _business_days(calendar: ServiceCalendar, moment: datetime | None, days: int, *, is_free: bool) -> datetime | None:
    """None where nothing has begun, or CORE's times do not bind the request."""
    return None if moment is None or is_free else end_of_business_day(calendar, moment, days)


def _is_referral(event: ReviewEvent) -> bool:
    """Whether all that is asked for is a referral."""
    reviews = [event.review, *(service.review for service in event.services if service.review is not None)]
    return all(review.category is RequestCategory.SPECIALTY_CARE for review in reviews)
