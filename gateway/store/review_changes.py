"""What became of reviews: each decision and cancellation, for the submitter that asked for the review.

Whether the submitter may still be told depends on the provider for whom it asked: who reads decides that.
"""

from typing import Any

from gateway.store.changes import Feed, behind_position, reading_statement
from gateway.store.review_desk import STEP, ReviewRecord, record_of

_TOLD = f"""
SELECT listed.*, listed.review_id::text AS subject
FROM ({
    behind_position(
        "change.change_id, change.review_id, change.recorded_at",
        "edi.review_change",
        "change.submitter_id = ask.submitter_id",
    )
}) AS listed
ORDER BY listed.change_id
LIMIT $9
"""  # noqa: S608 - of constants

_SELECT = """
ARRAY[ask.submitter_id] AS topics,
NULL::text AS fact_key,
NULL::bigint AS fact_version,
told.review_id, record.*
"""

# The record as it was once the event had happened.
_JOINS = f"""
LEFT JOIN LATERAL (
    SELECT submitter_id, certification_number, administrative_reference, received_at,
        decision.document AS decision, decision.recorded_at AS decided_at,
        ARRAY(
            SELECT {STEP}
            FROM edi.review_event AS event
            WHERE event.review_id = told.review_id AND event_id <= told.change_id ORDER BY event_id
        ) AS history
    FROM edi.review CROSS JOIN LATERAL (
        SELECT document, recorded_at FROM edi.review_event AS event
        WHERE event.review_id = told.review_id AND kind = 'decision' AND event_id <= told.change_id
        ORDER BY event_id DESC LIMIT 1
    ) AS decision
    WHERE told.is_first AND review.review_id = told.review_id
) AS record ON true
"""  # noqa: S608 - of constants


def _decode(row: Any) -> ReviewRecord:
    return record_of(row)


REVIEW_CHANGES = Feed("reviews", "edi_reviews", reading_statement(_TOLD, _SELECT, _JOINS), _decode)
"""Its topics are submitters' ids."""
