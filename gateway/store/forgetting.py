"""Give up what was asked long ago: the inquiries kept beside the audit, and the facts that only they rest on.

The audit itself stays. An answer whose inquiry is given up cannot be computed again, and so not be explained any more.
"""

from dataclasses import dataclass
from datetime import datetime

from gateway.store.database import Connection, connect, outage_when_down
from gateway.store.limits import INQUIRIES_PER_FORGETTING

# In the order of their records, which is nearly that in which they came. The record of each is selected and not joined,
# because the planner, without statistics of what only grows, would read the whole audit for every page.
_FORGET = """
WITH page AS (
    SELECT audit_id, payload IS NOT NULL AS is_kept, (
        SELECT received_at FROM edi.audit WHERE audit.audit_id = kept_inquiry.audit_id
    ) AS received_at
    FROM edi.kept_inquiry WHERE audit_id > $1 ORDER BY audit_id LIMIT $3
), forgotten AS (
    UPDATE edi.kept_inquiry SET payload = NULL
    WHERE audit_id = ANY (ARRAY(SELECT audit_id FROM page WHERE is_kept AND received_at < $2)) RETURNING audit_id
)
SELECT max(audit_id) FILTER (WHERE received_at < $2) AS last, (SELECT count(*) FROM forgotten) AS forgotten FROM page
"""
_PAST_FACTS = """
CREATE TEMPORARY TABLE past_fact AS
SELECT held.fact_id, held.version FROM edi.fact_document AS held JOIN edi.fact_version AS present USING (fact_id)
WHERE held.version <> present.version
"""
# An answer by a version that has just passed may be on its way into the audit; none is recorded by it from now on.
_SETTLE = "SELECT edi.settle_answers()"
_FORGET_FACTS = """
DELETE FROM edi.fact_document USING (
    SELECT fact_id, version FROM past_fact
    EXCEPT
    SELECT (fact ->> 1)::bigint, (fact ->> 2)::bigint
    FROM edi.kept_inquiry JOIN edi.audit USING (audit_id) CROSS JOIN LATERAL jsonb_array_elements(facts) AS fact
    WHERE payload IS NOT NULL
) AS unused
WHERE (fact_document.fact_id, fact_document.version) = (unused.fact_id, unused.version)
"""


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was given up."""

    inquiries: int
    facts: int
    """Documents of facts at versions that have passed."""


async def forget_inquiries(
    database_url: str, before: datetime, inquiries_per_transaction: int = INQUIRIES_PER_FORGETTING
) -> Forgotten:
    """Give up the inquiries that came before a moment; run again, it goes on where it was broken off.

    Raises:
        Outage: PostgreSQL does not answer.
    """
    connection = await connect(database_url)
    try:
        with outage_when_down("forget inquiries"):
            inquiries = await _forget(connection, before, inquiries_per_transaction)
            return Forgotten(inquiries, await _forget_facts(connection))
    finally:
        connection.terminate()


async def _forget(connection: Connection, before: datetime, most: int) -> int:
    """Few at a time, so that answers do not wait behind them; gives how many."""
    last: int | None = 0
    forgotten = 0
    while last is not None:
        row = await connection.fetchrow(_FORGET, last, before, most)
        last = row["last"]
        forgotten += row["forgotten"]
    return forgotten


async def _forget_facts(connection: Connection) -> int:
    await connection.execute(_PAST_FACTS)
    await connection.execute(_SETTLE)
    return int((await connection.execute(_FORGET_FACTS)).rpartition(" ")[2])
