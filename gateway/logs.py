"""Structured logs: one line of JSON per event on standard error, without health data and without secrets.

What a partner sent can reach a log line in three ways, and none is open: our own events are constants with named
fields; an exception shows its type and the places it passed, never its text, unless it is an `Outage`, whose texts are
ours and name what does not answer; of other libraries' messages only the unfilled template's first line is kept.
"""

import asyncio
import logging
import math
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

import orjson

from edi.errors import Outage

OUR_LOGGERS = ("gateway", "rules", "parsers", "edi")
PLACES_MAX = 8
"""Innermost places of a traceback that are logged."""


class JsonFormatter(logging.Formatter):
    """Formats a record as one JSON object: ``at``, ``level``, ``logger``, ``event``, then the event's own fields."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": _event(record),
        }
        line.update(getattr(record, "fields", {}))
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = describe(record.exc_info[1])
        return orjson.dumps(line, default=_type_name).decode()


def _event(record: logging.LogRecord) -> str:
    text = str(record.msg)
    if record.name.partition(".")[0] in OUR_LOGGERS:
        return text
    return text.partition("\n")[0]


def _type_name(value: object) -> str:
    return type(value).__name__


def describe(error: BaseException) -> dict[str, object]:
    """An exception's type and the places it passed; of an outage its text too, which quotes no partner."""
    kind = type(error)
    says = {"says": str(error)} if isinstance(error, Outage) else {}
    places = _places(error.__traceback__)[-PLACES_MAX:]
    return {"type": f"{kind.__module__}.{kind.__qualname__}", **says, "places": places}


def _places(traceback: TracebackType | None) -> list[str]:
    places = []
    while traceback is not None:
        code = traceback.tb_frame.f_code
        places.append(f"{traceback.tb_frame.f_globals.get('__name__')}:{traceback.tb_lineno} {code.co_name}")
        traceback = traceback.tb_next
    return places


def log(logger: logging.Logger, level: int, event: str, error: BaseException | None = None, **fields: object) -> None:
    """Log a constant ``event`` with named fields (counts, codes, identifiers of ours; never what a partner sent)."""
    if logger.isEnabledFor(level):
        logger.log(level, event, exc_info=error, extra={"fields": fields})


class Recurring:
    """An event that may come with every request: logged when it first comes, then at most once in an interval."""

    def __init__(self, logger: logging.Logger, event: str, seconds_between: float) -> None:
        self._logger = logger
        self._event = event
        self._seconds_between = seconds_between
        self._count = 0
        self._silent_until = -math.inf

    def tell(self, error: BaseException, moment: float) -> None:
        """It came at ``moment``, in seconds; the line says how often since the last line."""
        self._count += 1
        if moment >= self._silent_until:
            log(self._logger, logging.WARNING, self._event, error, times=self._count)
            self._count = 0
            self._silent_until = moment + self._seconds_between


def set_up_logs(level: str) -> None:
    """Send all loggers' lines, from ``level`` up, to standard error as JSON."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for chatty in ("uvicorn", "uvicorn.error", "httpx", "asyncio"):
        logging.getLogger(chatty).setLevel(logging.ERROR)


def log_loop_errors(loop: asyncio.AbstractEventLoop, context: Mapping[str, Any]) -> None:
    """An event loop's exception handler; asyncio's own prints the exception's text."""
    del loop
    log(logging.getLogger(__name__), logging.ERROR, "error outside a request", context.get("exception"))
