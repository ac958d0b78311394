-- Following claims and reviews: look-ups of claims that never scan, changes of reviews beside those of claims, and how
-- far back changes are kept.

-- As edi.member_document: what belongs to a row is selected for that row and not joined, because the planner looks into
-- neither side of a union for what could be found by an index.
CREATE OR REPLACE FUNCTION edi.claim_document(asked_key text, known_at timestamptz) RETURNS TABLE (document json)
LANGUAGE sql STABLE AS $$
    SELECT coalesce((
        SELECT json_agg(found.document ORDER BY found.id)
        FROM (
            SELECT filed.claim_id AS id, (
                SELECT claim.document FROM edi.claim_known(known_at) AS claim WHERE claim.id = filed.claim_id
            ) AS document
            FROM edi.claim_key_known(known_at) AS filed WHERE filed.fact_key = asked_key
            OFFSET 0 -- or the document would be looked for once to see whether it is there and once to have it
        ) AS found
        WHERE found.document IS NOT NULL
    ), '[]')
$$;


-- What became of reviews, for the submitters that asked for them: a row for each decision, and for each cancellation of
-- one. Read as edi.claim_change is.
CREATE TABLE edi.review_change (
    submitter_id text NOT NULL,
    transaction xid8 NOT NULL DEFAULT pg_current_xact_id(),
    change_id bigint NOT NULL,
    review_id bigint NOT NULL,
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (submitter_id, transaction, change_id)
);

COMMENT ON COLUMN edi.review_change.change_id IS
    'The event (edi.review_event). Whoever adds one that is told here holds the review, so that the events of a review '
    'are numbered in the order in which they count.';

CREATE FUNCTION edi.reviews_moved() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    submitters text[];
BEGIN
    WITH kept AS (
        INSERT INTO edi.review_change (submitter_id, change_id, review_id, recorded_at)
        SELECT review.submitter_id, event_id, review_id, changed.recorded_at
        FROM changed JOIN edi.review USING (review_id) WHERE kind IN ('decision', 'cancelled')
        RETURNING submitter_id
    )
    SELECT array_agg(DISTINCT submitter_id) INTO submitters FROM kept;
    PERFORM pg_notify('edi_reviews', message) FROM edi.change_messages(submitters) AS message;
    RETURN NULL;
END
$$;

CREATE TRIGGER status_moved AFTER INSERT ON edi.review_event REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION edi.reviews_moved();


-- How far back changes can be told. Whoever takes changes away says so here in the same transaction, and whoever reads
-- changes looks here in the same snapshot: from a cursor that had not seen every transaction up to this one, changes may
-- be missing, and nothing is told.
CREATE TABLE edi.change_horizon (
    feed text PRIMARY KEY,
    transaction xid8 NOT NULL
);

COMMENT ON COLUMN edi.change_horizon.transaction IS 'The last one of which a change has been taken away; 0: none.';

INSERT INTO edi.change_horizon (feed, transaction) VALUES ('claims', '0'), ('reviews', '0');

-- The oldest changes are taken away in small batches, which a block range index would not find once room is used again.
DROP INDEX edi.claim_change_age;
CREATE INDEX claim_change_age ON edi.claim_change (recorded_at);
CREATE INDEX review_change_age ON edi.review_change (recorded_at);

-- The pages behind the first are found in the order in which they are told.
CREATE UNIQUE INDEX claim_change_order ON edi.claim_change (tin, change_id) INCLUDE (transaction);
CREATE UNIQUE INDEX review_change_order ON edi.review_change (submitter_id, change_id) INCLUDE (transaction);

-- Whom a submitter may ask for is looked up each time that it is told of changes. The index of the constraint, a tree of
-- ranges, takes ten times as long, and the planner prefers it where it can be used.
CREATE INDEX entitlement_holder ON edi.entitlement ((function || '/' || submitter_id)) WHERE revoked_at IS NULL;
