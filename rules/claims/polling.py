"""When it is worth asking after a claim again: a hint, by how far it has got."""

from collections.abc import Iterable
from datetime import timedelta

from edi.claim_status import Status
from edi.claim_status_codes import Category

_SOON = timedelta(hours=4)
_NEXT_DAY = timedelta(days=1)
_LATER = timedelta(days=7)

_CHANGES_WITHIN = {
    Category.RECEIVED: _SOON,
    Category.ACCEPTED: _SOON,
    Category.SPLIT: _SOON,
    Category.SYSTEM_STATUS: timedelta(minutes=5),
    Category.HOLDER_SILENT: timedelta(minutes=5),
}
"""Claims move in batches some times a day. Whatever is not here waits for people, or is not known."""


def ask_again_after(statuses: Iterable[Status]) -> timedelta:
    """How long nothing new is to be expected after these statuses of an answer: the shortest time of all."""
    categories = {status.codes[0].category for status in statuses}
    return min((_ask_again(category) for category in categories), default=_NEXT_DAY)


def _ask_again(category: Category) -> timedelta:
    return _CHANGES_WITHIN.get(category, _LATER if category.is_finalized else _NEXT_DAY)
