-- Reviewers, who decide pended reviews by keys of their own, and the reviews that wait for them; and the look-up of a
-- review among very many.

CREATE TABLE edi.reviewer (
    reviewer_id text PRIMARY KEY CHECK (reviewer_id ~ '^[^[:cntrl:]]{1,80}$'),
    name text NOT NULL,
    -- By these names the record of a review tells what nobody decided.
    CONSTRAINT reviewer_is_somebody CHECK (reviewer_id NOT IN ('rules', 'clock'))
);

-- As edi.api_key: only a key's SHA-256 is here.
CREATE TABLE edi.reviewer_key (
    key_hash bytea PRIMARY KEY CHECK (length(key_hash) = 32),
    reviewer_id text NOT NULL REFERENCES edi.reviewer,
    prefix text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    revoked_at timestamptz CHECK (revoked_at >= created_at)
);

COMMENT ON COLUMN edi.reviewer_key.prefix IS 'The first characters, by which people tell keys apart.';

CREATE INDEX reviewer_key_reviewer ON edi.reviewer_key (reviewer_id);


-- The reviews whose latest decision is that they are pended, but for cancelled ones. Follows from the record, which the
-- trigger below keeps it in step with, so that what waits is found without looking through all that ever was decided.
CREATE TABLE edi.waiting_review (
    review_id bigint PRIMARY KEY REFERENCES edi.review
);

CREATE FUNCTION edi.review_waits(asked_id bigint) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT NOT EXISTS (SELECT FROM edi.review_event WHERE review_id = asked_id AND kind = 'cancelled') AND (
        SELECT document ->> 'action' FROM edi.review_event
        WHERE review_id = asked_id AND kind = 'decision' ORDER BY event_id DESC LIMIT 1
    ) = 'A4'
$$;

-- Whoever appends a decision or a cancellation holds the review's row: of two at once the second sees what the first did.
CREATE FUNCTION edi.waiting_changed() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM edi.waiting_review AS waiting USING changed
    WHERE waiting.review_id = changed.review_id AND kind IN ('decision', 'cancelled')
        AND NOT edi.review_waits(changed.review_id);
    INSERT INTO edi.waiting_review (review_id)
    SELECT DISTINCT review_id FROM changed WHERE kind = 'decision' AND edi.review_waits(review_id)
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;

CREATE TRIGGER waiting_insert AFTER INSERT ON edi.review_event REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION edi.waiting_changed();

INSERT INTO edi.waiting_review (review_id)
SELECT DISTINCT review_id FROM edi.review_event
WHERE kind = 'decision' AND document ->> 'action' = 'A4' AND edi.review_waits(review_id);

DROP INDEX edi.review_waiting;


-- As before, with the review looked for by index however the statement is planned.
CREATE OR REPLACE FUNCTION edi.review_document(asked_key text, known_at timestamptz) RETURNS TABLE (document json)
LANGUAGE sql STABLE AS $$
    SELECT (
        SELECT json_build_object(
            'review_id', review.review_id,
            'trace', review.trace,
            'content', review.content,
            'contract_id', review.contract_id,
            'person', review.person,
            'number', decision.document ->> 'number',
            'action', CASE
                WHEN EXISTS (
                    SELECT FROM edi.review_event AS event
                    WHERE event.review_id = review.review_id AND kind = 'cancelled'
                        AND (known_at IS NULL OR recorded_at <= known_at)
                ) THEN 'C'
                ELSE decision.document ->> 'action'
            END,
            'answer_trace', decision.document ->> 'trace',
            'segments', decision.document -> 'segments'
        )
        FROM edi.review CROSS JOIN LATERAL (
            SELECT event.document FROM edi.review_event AS event
            WHERE event.review_id = review.review_id AND kind = 'decision'
                AND (known_at IS NULL OR recorded_at <= known_at)
            ORDER BY event_id DESC LIMIT 1
        ) AS decision
        WHERE review.review_id = (
            SELECT review_id FROM edi.review
            WHERE starts_with(asked_key, 'review/trace/') AND trace = substr(asked_key, 14)
            UNION ALL SELECT review_id FROM edi.review WHERE certification_number = substr(asked_key, 15)
            UNION ALL SELECT review_id FROM edi.review WHERE administrative_reference = substr(asked_key, 15)
        )
    )
$$;
