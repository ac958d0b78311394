"""Bring review policies into the store; each takes the place of its plan's former one, which the history keeps."""

from collections.abc import AsyncIterable, Iterable, Sequence

from gateway.store.database import Connection, Refused
from gateway.store.documents import encode
from gateway.store.limits import LOAD_ROWS_PER_TRANSACTION
from gateway.store.loading import Progress, load_in_chunks, no_progress
from rules.facts.reviews import ReviewPolicy
from rules.reviews import find_policy_problems

_TAKE_IN = """
INSERT INTO edi.review_policy AS held (id, document) VALUES ($1, $2)
ON CONFLICT (id) DO UPDATE SET document = excluded.document WHERE held.document <> excluded.document
"""


async def load_review_policies(
    database_url: str, policies: Iterable[ReviewPolicy] | AsyncIterable[ReviewPolicy], progress: Progress = no_progress
) -> int:
    """Load policies; give their number.

    Raises:
        Outage: PostgreSQL does not answer; what was reported as progress is loaded.
        Refused: a policy cannot be used, and all its problems are told; of the transaction under way nothing is loaded.
    """
    return await load_in_chunks(database_url, policies, LOAD_ROWS_PER_TRANSACTION, _take_in, progress)


async def _take_in(connection: Connection, policies: Sequence[ReviewPolicy]) -> None:
    for policy in policies:
        problems = find_policy_problems(policy)
        if problems:
            raise Refused(f"the policy of plan {policy.plan_id} stays as it is:\n" + "\n".join(map(str, problems)))
    await connection.executemany(_TAKE_IN, [(policy.plan_id, encode(policy)) for policy in policies])
