"""The payer's service hours, asked before anything else: a service answers only while its function is open.

The moment is that of receipt, so that what arrived in time is answered, however late the answer leaves.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from edi.errors import Outage
from gateway.exchange import Again, Circumstances, Closure, RequestT_contra, Response, Service
from gateway.metrics import Mode
from gateway.store import keys
from gateway.store.facts import Fact, FactStore
from rules.facts import Function
from rules.facts.service_hours import DEFAULT_CALENDAR, ServiceCalendar
from rules.facts.service_hours import Mode as CalendarMode
from rules.service_hours import find_problems, status

_MODES = {Mode.REAL_TIME: CalendarMode.REAL_TIME, Mode.BATCH: CalendarMode.BATCH}
_REMEMBERED_AT_MOST = timedelta(days=1)
"""Of a status that does not change within the time that the calendar looks ahead."""


class Closable(Service[RequestT_contra], Protocol[RequestT_contra]):
    """A service that has its hours."""

    function: Function

    def closed(self, request: RequestT_contra, circumstances: Circumstances, control_number: str) -> Response:
        """The answer while the function is closed: cannot respond now, and nothing of a member."""


@dataclass(frozen=True, slots=True)
class Hours:
    """What holds from ``begins`` up to, not including, ``ends`` by one version of the calendar."""

    calendar: ServiceCalendar
    begins: datetime
    ends: datetime
    closure: Closure | None
    """None: open."""

    def tell(self, calendar: ServiceCalendar, moment: datetime) -> bool:
        """Whether it says what holds at ``moment``; another version of the calendar is another object."""
        return self.calendar is calendar and self.begins <= moment < self.ends


class OpeningHours:
    """Tells whether functions are open; looks into the calendar only when that may have changed."""

    def __init__(self, payer_id: str) -> None:
        self._payer_id = payer_id
        self._known: dict[tuple[Function, Mode], Hours] = {}

    async def look_up(self, function: Function, circumstances: Circumstances) -> Hours:
        """What holds for ``function`` at the moment of receipt. The calendar joins the facts of the answer.

        Raises:
            Outage: the calendar cannot be had, or not be used.
        """
        calendar = await circumstances.reading.calendar(self._payer_id)
        moment, place = circumstances.moment, (function, circumstances.mode)
        known = self._known.get(place)
        if known is None or not known.tell(calendar, moment):
            known = self._known[place] = _hours(calendar, function, moment, circumstances.mode)
        return known


def known_closure(facts: FactStore, payer_id: str, function: Function, moment: datetime) -> Closure | None:
    """Why a function is closed by the calendar that this process knows; None where it is open, or none is known."""
    fact: Fact[ServiceCalendar | None] | None = facts.cached(keys.calendar(payer_id))
    if fact is None:
        return None
    try:
        return _hours(fact.value or DEFAULT_CALENDAR, function, moment, Mode.REAL_TIME).closure
    except Outage:
        return None


def _hours(calendar: ServiceCalendar, function: Function, moment: datetime, mode: Mode) -> Hours:
    if find_problems(calendar):
        raise Outage("the service calendar in the store cannot be used")
    found = status(calendar, function, moment, _MODES[mode])
    closure = None if found.open else Closure(found.reason, found.changes_at, found.detail)
    return Hours(calendar, moment, found.changes_at or moment + _REMEMBERED_AT_MOST, closure)


class WithinHours:
    """A service that answers while its function is open, and says so when it is not."""

    def __init__(self, service: Closable[Any], hours: OpeningHours) -> None:
        self.transaction = service.transaction
        self.functional_identifier = service.functional_identifier
        self.guide = service.guide
        self.patients = service.patients
        self._service = service
        self._hours = hours

    async def respond(self, request: Any, circumstances: Circumstances, control_number: str) -> Response:
        """The service's answer, or why there is none now."""
        try:
            hours = await self._hours.look_up(self._service.function, circumstances)
        except Outage:
            # Who cannot know whether it is open cannot respond either, and that is what a closed service says.
            return self._service.closed(request, circumstances, control_number)
        if hours.closure is not None:
            return replace(self._service.closed(request, circumstances, control_number), closure=hours.closure)
        response = await self._service.respond(request, circumstances, control_number)
        if response.again is None:
            return response
        return replace(response, again=_while_open(response.again, hours))


def _while_open(again: Again, hours: Hours) -> Again:
    """What is answered again only until the function closes."""
    return replace(again, holds_until=min(again.holds_until or hours.ends, hours.ends))
