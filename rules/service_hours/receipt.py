"""What becomes of a request when it comes: answered, refused until its function opens, or held until then."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from rules.facts.access import Function
from rules.facts.service_hours import Mode, ServiceCalendar
from rules.service_hours.opening import status


class Course(StrEnum):
    """What is done with a request."""

    ANSWER = "answer"
    REFUSE = "refuse"
    """It is told that nothing can be said now, and to come again."""
    HOLD = "hold"
    """It waits, and is answered when the function opens."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What is done with a request that came at a moment."""

    course: Course
    opens_at: datetime | None = None
    """When the function opens, in the calendar's zone; None: it is open, or does not open within 512 days."""


def receipt(calendar: ServiceCalendar, function: Function, moment: datetime, mode: Mode) -> Receipt:
    """What is done with a request for ``function`` that came at ``moment``.

    Who waits for an answer in real time is never made to wait for hours; in a batch the operator chooses.
    """
    found = status(calendar, function, moment, mode)
    if found.open:
        return Receipt(Course.ANSWER)
    holds = mode is Mode.BATCH and function in calendar.held_in_batch and found.changes_at is not None
    return Receipt(Course.HOLD if holds else Course.REFUSE, found.changes_at)
