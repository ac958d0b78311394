"""What a claim's history says as of a day."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from rules.facts.claims import StatusEvent


@dataclass(frozen=True, slots=True)
class Current:
    """The event that counts, and its place in the history."""

    index: int
    event: StatusEvent


def current_event(events: Iterable[StatusEvent], as_of: date) -> Current | None:
    """The event that took effect last on or before a day; of one day's the one recorded last. None: nothing had yet."""
    current: Current | None = None
    for index, event in enumerate(events):
        if event.effective <= as_of and (current is None or current.event.effective <= event.effective):
            current = Current(index, event)
    return current
