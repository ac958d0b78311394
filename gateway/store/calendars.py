"""A payer's service calendar: what the command line reads and changes."""

from collections.abc import Callable

from gateway.store import keys
from gateway.store.administration import changing
from gateway.store.database import Connection, Refused, connect, outage_when_down
from gateway.store.documents import decode, encode
from gateway.store.keys import Kind
from rules.facts.service_hours import DEFAULT_CALENDAR, ServiceCalendar
from rules.service_hours import find_problems

Change = Callable[[ServiceCalendar], ServiceCalendar]
"""From a calendar to the one that takes its place; Refused where there is nothing to change."""

_READ = "SELECT document FROM edi.calendar_document($1, NULL)"
_SAVE = """
INSERT INTO edi.calendar (id, document) VALUES ($1, $2)
ON CONFLICT (id) DO UPDATE SET document = excluded.document
"""


async def read_calendar(database_url: str, payer_id: str) -> ServiceCalendar:
    """The calendar of a payer, the default one where it has none of its own.

    Raises:
        Outage: PostgreSQL does not answer.
    """
    connection = await connect(database_url)
    try:
        with outage_when_down("read the calendar"):
            return await _read(connection, payer_id)
    finally:
        connection.terminate()


async def change_calendar(database_url: str, payer_id: str, change: Change) -> ServiceCalendar:
    """Put another calendar in place; give it. No answer is recorded any more on the one before.

    Raises:
        Refused: the new one cannot be used, and all of its problems are told; the old one stays.
        Outage: PostgreSQL does not answer.
    """
    async with changing(database_url, "the calendar cannot be stored") as connection:
        await connection.execute("LOCK TABLE edi.calendar IN SHARE ROW EXCLUSIVE MODE")
        changed = change(await _read(connection, payer_id))
        problems = find_problems(changed)
        if problems:
            raise Refused("the calendar stays as it is:\n" + "\n".join(map(str, problems)))
        await connection.execute(_SAVE, payer_id, encode(changed))
    return changed


async def _read(connection: Connection, payer_id: str) -> ServiceCalendar:
    document = await connection.fetchval(_READ, keys.calendar(payer_id))
    return DEFAULT_CALENDAR if document is None else decode(Kind.CALENDAR, document)
