"""Take changes away that are older than the operator keeps: few at a time, in the background.

Who reads changes learns from ``edi.change_horizon``, which moves in the same transaction, that there were more: no
cursor reads across the gap.
"""

import asyncio
import logging
from datetime import timedelta

from edi.errors import Outage
from gateway.logs import log
from gateway.store.database import connect, outage_when_down
from gateway.store.limits import CHANGES_PER_PRUNING, PRUNING_EVERY_SECONDS, PRUNING_PAUSE_SECONDS

TABLES = {"claims": "edi.claim_change", "reviews": "edi.review_change"}
"""The changes of each feed."""

_PRUNE = """
WITH old AS (
    SELECT ctid FROM {table} WHERE recorded_at < now() - $1::interval
    ORDER BY recorded_at LIMIT $2 FOR UPDATE SKIP LOCKED
), gone AS (
    DELETE FROM {table} WHERE ctid = ANY (ARRAY(SELECT ctid FROM old)) RETURNING transaction
), told AS (
    UPDATE edi.change_horizon SET transaction = greatest(transaction, (SELECT max(transaction) FROM gone))
    WHERE feed = $3 AND EXISTS (SELECT FROM gone)
)
SELECT count(*) FROM gone
"""

logger = logging.getLogger(__name__)


async def prune_changes(database_url: str, feed: str, kept: timedelta, most: int = CHANGES_PER_PRUNING) -> int:
    """Take the oldest changes of a feed away, as far as they are older than ``kept``; give how many that were.

    Raises:
        Outage: PostgreSQL does not answer.
    """
    connection = await connect(database_url)
    try:
        with outage_when_down("prune changes"):
            statement = _PRUNE.format(table=TABLES[feed])
            return int(await connection.fetchval(statement, kept, most, feed))
    finally:
        connection.terminate()


class Pruner:
    """Keeps the changes of one database pruned."""

    def __init__(self, database_url: str, kept: timedelta) -> None:
        self._database_url = database_url
        self._kept = kept

    async def run(self, every_s: float = PRUNING_EVERY_SECONDS) -> None:
        """Prune all feeds now and every ``every_s`` seconds, until cancelled; what fails is tried again later."""
        while True:
            try:
                for feed in TABLES:
                    await self._prune(feed)
            except Outage as outage:
                log(logger, logging.WARNING, "old changes could not be taken away", outage)
            await asyncio.sleep(every_s)

    async def _prune(self, feed: str) -> None:
        more = True
        while more:
            more = await prune_changes(self._database_url, feed, self._kept) == CHANGES_PER_PRUNING
            await asyncio.sleep(PRUNING_PAUSE_SECONDS if more else 0)
