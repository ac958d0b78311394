"""What became of claims: each change of a claim's status, for those whom one of its provider groups has entitled."""

from typing import Any

import msgspec

from gateway.store import keys
from gateway.store.changes import Feed, behind_position, reading_statement
from rules.facts.claims import Claim

# In these words it is found by edi.entitlement_holder and not in the tree of ranges that keeps grants apart.
_ENTITLED = """
ARRAY(
    SELECT tin FROM edi.entitlement AS granted
    WHERE granted.function || '/' || granted.submitter_id = 'claim status/' || ask.submitter_id
        AND granted.revoked_at IS NULL AND (granted.valid @> ask.moment) IS TRUE
)
"""

_OF_GROUP = behind_position(
    "change.change_id, change.tin, change.claim_id, change.recorded_at", "edi.claim_change", "change.tin = entitled.tin"
)

# A claim of two entitled groups is told once.
_TOLD = f"""
SELECT
    change.change_id, min(change.tin) AS tin, change.claim_id, change.claim_id AS subject, change.recorded_at
FROM unnest({_ENTITLED}) AS entitled (tin) CROSS JOIN LATERAL ({_OF_GROUP}) AS change
GROUP BY change.change_id, change.claim_id, change.recorded_at
ORDER BY change.change_id
LIMIT $9
"""  # noqa: S608 - of constants

_FACT_KEY = "'entitlement/' || ask.submitter_id || '/' || told.tin"

_SELECT = f"""
CASE WHEN told.change_id IS NULL THEN {_ENTITLED} END AS topics,
{_FACT_KEY} AS fact_key,
(SELECT version FROM edi.fact_version WHERE key = {_FACT_KEY}) AS fact_version,
version.document
"""  # noqa: S608 - of constants

_JOINS = """
LEFT JOIN LATERAL (
    SELECT document FROM edi.claim
    WHERE told.is_first AND id = told.claim_id AND claim.recorded_at = told.recorded_at
    UNION ALL
    SELECT document FROM edi.claim_history
    WHERE told.is_first AND id = told.claim_id AND recorded @> told.recorded_at
) AS version ON true
"""

_DECODER = msgspec.json.Decoder(Claim)


def _decode(row: Any) -> Claim:
    return _DECODER.decode(row["document"])


CLAIM_CHANGES = Feed("claims", "edi_claims", reading_statement(_TOLD, _SELECT, _JOINS), _decode, keys.entitlements)
"""Its topics are tax ids of provider groups."""
