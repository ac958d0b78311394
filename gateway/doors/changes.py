"""What has changed since a cursor, at once or as soon as something does: the same for claims and for reviews."""

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from http import HTTPStatus
from typing import Any, Generic, Protocol, TypeVar
from urllib.parse import parse_qsl

import msgspec

from edi.errors import Outage
from gateway.audit.disclosing import Disclosure, Disclosures, Feed, Said
from gateway.clock import Clock, system_clock
from gateway.cursors import NoCursor
from gateway.doors.asgi import Receive
from gateway.doors.eligibility.faults import Fault, refused_fields
from gateway.doors.failures import HungUp
from gateway.doors.getting import Answer, Asked, GetDoor, json_answer
from gateway.doors.keys import BearerKeys
from gateway.doors.refusals import Refusal, Refused
from gateway.following import Followed, Following
from gateway.limits import Limits
from gateway.metrics import Metrics
from gateway.pipeline import COMPUTATIONS_MAX
from gateway.store.changes import Change

WAIT_S_MAX = 30
CURSOR_CHARACTERS_MAX = 8_000
_HEADERS = [(b"cache-control", b"no-store")]

ValueT = TypeVar("ValueT")
ValueT_contra = TypeVar("ValueT_contra", contravariant=True)
T = TypeVar("T")


@dataclass(slots=True)
class Told:
    """Changes as JSON. Nobody changes it."""

    changes: Sequence[Change[Any]]
    """Those that may be told."""
    written: Sequence[msgspec.Raw] = field(repr=False)
    """Each of them."""
    versions: Mapping[str, int] = field(default_factory=dict, repr=False)
    """Of the facts that were looked up to tell them."""


class Teller(Protocol[ValueT_contra]):
    """Tells the changes of one feed."""

    async def tell(self, changes: Sequence[Change[ValueT_contra]], submitter_id: str, now: datetime) -> Told:
        """These changes for a submitter at a moment; raises Outage."""


class ChangesDoor(GetDoor, Generic[ValueT]):
    """The ASGI callable behind the path of one feed."""

    def __init__(
        self,
        feed: Feed,
        teller: Teller[ValueT],
        following: Following[ValueT],
        disclosures: Disclosures,
        keys: BearerKeys,
        metrics: Metrics,
        limits: Limits,
        clock: Clock = system_clock,
    ) -> None:
        super().__init__(keys, metrics, clock)
        self._feed = feed
        self._teller = teller
        self._following = following
        self._disclosures = disclosures
        self._limits = limits
        self._places: dict[str, int] = {}
        """How many each submitter has that has any."""
        metrics.followers[feed] = 0

    async def answer(self, asked: Asked) -> Answer:
        """A page of changes, given up when the client goes."""
        cursor, wait_s = _parameters(asked.query)
        submitter_id = asked.caller.value.submitter_id
        self._take_place(submitter_id)
        try:
            return await _unless_hung_up(self._page(asked, cursor, wait_s), asked.receive)
        finally:
            self._leave_place(submitter_id)

    def _take_place(self, submitter_id: str) -> None:
        """A place for one more who may wait; Refused where there is none."""
        if self._metrics.followers[self._feed] >= self._limits.followers_max:
            raise Refused(Refusal.BUSY)
        places = self._places.get(submitter_id, 0)
        if places >= self._limits.followers_per_submitter_max:
            raise Refused(Refusal.TOO_MANY)
        self._places[submitter_id] = places + 1
        self._metrics.followers[self._feed] += 1

    def _leave_place(self, submitter_id: str) -> None:
        self._metrics.followers[self._feed] -= 1
        self._places[submitter_id] -= 1
        if not self._places[submitter_id]:
            del self._places[submitter_id]

    async def _page(self, asked: Asked, cursor: str, wait_s: float) -> Answer:
        """The page that the audit confirms: what it tells may still be told and what it leaves out may not."""
        for _ in range(COMPUTATIONS_MAX):
            followed = await self._following.follow(asked.caller, cursor, self._clock, wait_s)
            told = await self._teller.tell(followed.changes, asked.caller.value.submitter_id, self._clock())
            page = {"changes": told.written, "cursor": followed.cursor, "hasMore": followed.has_more}
            answer = json_answer(page, _HEADERS)
            if not followed.changes:
                self._disclosures.count(self._feed, Said.NO_CHANGES)
                return answer
            recorded = await self._disclosures.record(self._disclosure(asked, followed, told, answer.body))
            if recorded is not None:
                answer.sent = partial(self._disclosures.sent, recorded)
                return answer
            wait_s = 0
        raise Outage("facts change faster than changes can be told")

    def _disclosure(self, asked: Asked, followed: Followed[ValueT], told: Told, body: bytes) -> Disclosure:
        return Disclosure(
            submitter=asked.caller.value,
            received_at=asked.received_at,
            target=asked.target,
            asked=self._feed,
            said=Said.CHANGES if told.changes else Said.NO_CHANGES,
            answer=body,
            versions={**followed.versions, **told.versions} if told.versions else followed.versions,
            are_facts_kept=followed.are_facts_kept and not told.versions,
            changes=told.changes,
        )


async def _unless_hung_up(work: Coroutine[Any, Any, T], receive: Receive) -> T:
    """What the work gives, given up when the client goes."""
    working = asyncio.current_task()
    assert working is not None  # noqa: S101 - asked from within a coroutine
    leaving = asyncio.create_task(_left(receive))
    is_over = False

    def give_up(left: "asyncio.Task[None]") -> None:
        if not is_over and not left.cancelled():
            working.cancel()

    leaving.add_done_callback(give_up)
    try:
        return await work
    except asyncio.CancelledError:
        if leaving.done() and working.uncancel() == 0:
            raise HungUp from None
        raise
    finally:
        is_over = True
        leaving.cancel()


async def _left(receive: Receive) -> None:
    """Return when the client closes its connection."""
    while (await receive())["type"] != "http.disconnect":
        pass


def _parameters(query: bytes) -> tuple[str, float]:
    """Cursor, empty where there is none, and seconds to wait."""
    pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
    parameters = dict(pairs)
    faults = [Fault(name, "Is not a parameter") for name in parameters if name not in ("cursor", "wait")]
    cursor, wait = parameters.get("cursor", ""), parameters.get("wait", "0")
    if len(cursor) > CURSOR_CHARACTERS_MAX:
        raise NoCursor
    if not (wait.isascii() and wait.isdigit() and len(wait) <= len(str(WAIT_S_MAX)) and int(wait) <= WAIT_S_MAX):
        faults.append(Fault("wait", f"Is from 0 to {WAIT_S_MAX} seconds"))
    if faults:
        raise refused_fields(Refusal.FIELDS, HTTPStatus.UNPROCESSABLE_ENTITY, faults)
    return cursor, float(wait)
