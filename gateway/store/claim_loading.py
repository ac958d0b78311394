"""Bring claims into the store in bulk, with the keys by which they are found.

As in `gateway.store.loading`: what is there under the same id is replaced and kept in the history, what has not changed
is left alone, and a load that was broken off is simply run again.
"""

from collections.abc import AsyncIterable, Iterable, Sequence

from gateway.store.database import Connection
from gateway.store.documents import encode
from gateway.store.limits import LOAD_CLAIMS_PER_TRANSACTION
from gateway.store.loading import Progress, copy, load_in_chunks, no_progress
from rules.claims.search import (
    ByClaimNumber,
    ByClearinghouseNumber,
    ByPatientAccount,
    ByPrescription,
    BySubscriber,
    ClaimSearch,
    filed_under,
)
from rules.facts.claims import Claim

_INCOMING = """
CREATE TEMP TABLE IF NOT EXISTS incoming_claim (id text, document jsonb) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS incoming_claim_key (LIKE edi.claim_key INCLUDING GENERATED) ON COMMIT DELETE ROWS;
"""
_KEY_COLUMNS = ("claim_id", "filed_by", "number", "tin", "year")
# The ids are an array, or the planner, who knows nothing of temporary tables, might read all keys there are.
_TAKE_IN = """
INSERT INTO edi.claim AS held (id, document) SELECT id, document FROM incoming_claim ORDER BY id
ON CONFLICT (id) DO UPDATE SET document = excluded.document WHERE held.document <> excluded.document;

DELETE FROM edi.claim_key AS held
WHERE held.claim_id = ANY (ARRAY(SELECT id FROM incoming_claim)) AND NOT EXISTS (
    SELECT FROM incoming_claim_key AS wanted
    WHERE (wanted.fact_key, wanted.claim_id) = (held.fact_key, held.claim_id)
);

INSERT INTO edi.claim_key (claim_id, filed_by, number, tin, year)
SELECT claim_id, filed_by, number, tin, year FROM incoming_claim_key
ON CONFLICT DO NOTHING;
"""


async def load_claims(
    database_url: str, claims: Iterable[Claim] | AsyncIterable[Claim], progress: Progress = no_progress
) -> int:
    """Load claims; give their number. Of one that comes several times the last counts.

    Raises:
        Outage: PostgreSQL does not answer; what was reported as progress is loaded.
        Refused: the data break a promise of the schema; of the transaction under way nothing is loaded.
    """
    return await load_in_chunks(database_url, claims, LOAD_CLAIMS_PER_TRANSACTION, take_in_claims, progress)


async def take_in_claims(connection: Connection, claims: Sequence[Claim]) -> None:
    """Take claims in, within the transaction that the caller has begun."""
    latest = {claim.claim_id: claim for claim in claims}.values()
    await connection.execute(_INCOMING)
    await copy(connection, "incoming_claim", ((claim.claim_id, encode(claim)) for claim in latest))
    await copy(connection, "incoming_claim_key", (row for claim in latest for row in _key_rows(claim)), _KEY_COLUMNS)
    await connection.execute(_TAKE_IN)


def _key_rows(claim: Claim) -> Iterable[tuple[object, ...]]:
    return [(claim.claim_id, *_key_row(search)) for search in filed_under(claim)]


def _key_row(search: ClaimSearch) -> tuple[object, ...]:
    match search:
        case ByClaimNumber(number):
            return "number", number, None, None
        case ByClearinghouseNumber(number):
            return "clearinghouse", number, None, None
        case ByPatientAccount(tin, account):
            return "account", account, tin, None
        case ByPrescription(tin, prescription):
            return "prescription", prescription, tin, None
        case BySubscriber(member_id, year):
            return "member", member_id, None, year
