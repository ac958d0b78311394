"""Service hours over HTTP: ``GET /v1/hours`` for programs, ``GET /v1/hours.ics`` for calendars. Open to everybody."""

from collections.abc import Awaitable, Callable

import orjson
from fastapi import APIRouter, Response

from edi.errors import Outage
from gateway.clock import Clock, system_clock
from gateway.doors.refusals import DOCUMENTS, Refusal
from gateway.hours.calendar import write_icalendar
from gateway.hours.report import tell_hours
from rules.facts.service_hours import ServiceCalendar

ReadCalendar = Callable[[], Awaitable[ServiceCalendar]]
"""The payer's calendar as it is now; raises Outage when it cannot be had."""


def hours_routes(read_calendar: ReadCalendar, payer_id: str, clock: Clock = system_clock) -> APIRouter:
    """The routes of one payer's hours."""
    router = APIRouter()

    @router.get("/v1/hours")
    async def hours() -> Response:
        """What is open, why, when that changes, and the days ahead."""
        try:
            calendar = await read_calendar()
        except Outage:
            return _outage()
        return Response(orjson.dumps(tell_hours(calendar, clock())), media_type="application/json")

    @router.get("/v1/hours.ics")
    async def icalendar() -> Response:
        """The same as events, with declared maintenance."""
        try:
            calendar = await read_calendar()
        except Outage:
            return _outage()
        return Response(write_icalendar(calendar, clock(), payer_id), media_type="text/calendar; charset=utf-8")

    return router


def _outage() -> Response:
    document = DOCUMENTS[Refusal.OUTAGE]
    return Response(document.body, document.status, {name.decode(): value.decode() for name, value in document.headers})
