"""What ended a request, as the refusal that its client is told: the same behind every door."""

import asyncio
import logging
from time import perf_counter

from edi.errors import Outage
from gateway.cursors import CursorTooOld, NoCursor
from gateway.doors.refusals import Refusal, Refused
from gateway.exchange import CredentialWithdrawn
from gateway.logs import Recurring, log

OUTAGE_LINES_SECONDS = 10.0
"""Between two log lines about what does not answer, however many requests it costs."""

_REFUSALS: tuple[tuple[type[BaseException], Refusal], ...] = (
    (CredentialWithdrawn, Refusal.CREDENTIALS_UNKNOWN),
    (NoCursor, Refusal.CURSOR),
    (CursorTooOld, Refusal.CURSOR_TOO_OLD),
    (Outage, Refusal.OUTAGE),
    (TimeoutError, Refusal.OUT_OF_TIME),
    # Only the server's own stop cancels a request, and what is left to do is to tell the client.
    (asyncio.CancelledError, Refusal.STOPPING),
)


class HungUp(Exception):  # noqa: N818 - the client went, which is its right
    """The client closed the connection before it could be answered."""


class Failures:
    """Turns what went wrong into refusals; one for each door."""

    def __init__(self, logger: logging.Logger, event: str = "an answer failed") -> None:
        """Make one.

        Args:
            logger: of the door.
            event: what is logged of a fault of our own.
        """
        self._logger = logger
        self._event = event
        self._outages = Recurring(logger, "a request could not be answered", OUTAGE_LINES_SECONDS)

    def refusal(self, error: BaseException) -> Refused:
        """What the client is told of an error; the error itself where it is a refusal already.

        Raises:
            HungUp: there is nobody left to tell.
        """
        if isinstance(error, Refused):
            return error
        if isinstance(error, HungUp):
            raise error
        if isinstance(error, Outage):
            self._outages.tell(error, perf_counter())
        for kind, refusal in _REFUSALS:
            if isinstance(error, kind):
                return Refused(refusal)
        log(self._logger, logging.ERROR, self._event, error)
        return Refused(Refusal.OUR_FAULT)
