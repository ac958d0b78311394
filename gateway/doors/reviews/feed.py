"""``GET /v1/reviews/changes``: what each decision about a review, and each cancellation, is told as."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from gateway.doors.changes import Told
from gateway.doors.reviews.response import ReviewStanding
from gateway.doors.reviews.telling import tell_standing
from gateway.reading import Reading
from gateway.reviews.desk import due
from gateway.reviews.office import Standing, may_ask
from gateway.store.changes import Change
from gateway.store.facts import FactStore
from gateway.store.review_desk import ReviewRecord
from rules.facts.service_hours import ServiceCalendar

REVIEW_CHANGES_PATH = "/v1/reviews/changes"


class ReviewChange(msgspec.Struct, frozen=True, rename="camel"):
    """A review as a decision or its cancellation has left it."""

    recorded_at: datetime
    review: ReviewStanding


class ReviewChanges(msgspec.Struct, frozen=True, rename="camel"):
    """What has become of reviews."""

    changes: tuple[ReviewChange, ...]
    """In the order in which they happened to each review."""
    cursor: str
    """For the next request."""
    has_more: bool
    """Whether the next request brings more at once."""


class ReviewChangeTeller:
    """Tells changes of reviews, as far as the submitter may still ask about them."""

    def __init__(self, facts: FactStore, payer_id: str) -> None:
        self._facts = facts
        self._payer_id = payer_id

    async def tell(self, changes: Sequence[Change[ReviewRecord]], submitter_id: str, now: datetime) -> Told:
        """The changes of those reviews whose requester entitles the submitter now; raises Outage."""
        reading = Reading(self._facts)
        calendar = await reading.calendar(self._payer_id)
        del submitter_id  # whose changes they are
        told = [change for change in changes if await may_ask(change.value, reading, now)]
        return Told(told, [_write(change, calendar) for change in told], reading.versions)


def _write(change: Change[ReviewRecord], calendar: ServiceCalendar) -> msgspec.Raw:
    standing = tell_standing(Standing(change.value, due(change.value, calendar)))
    return msgspec.Raw(msgspec.json.encode(ReviewChange(change.recorded_at, standing)))
