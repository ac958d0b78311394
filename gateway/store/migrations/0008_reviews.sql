-- Reviews (278): how plans review, and the official record of each review. The record only grows: what was asked and
-- what was decided is appended, nothing is changed or taken away.

-- Policies are documents of rules.facts.reviews under their plan's id. A plan without one has everything pended.
CREATE TABLE edi.review_policy (
    id text PRIMARY KEY,
    document jsonb NOT NULL CHECK (document ->> 'plan_id' = id),
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    fact_key text NOT NULL GENERATED ALWAYS AS ('policy/' || id) STORED UNIQUE
);

CREATE TABLE edi.review_policy_history (LIKE edi.contract_history);
ALTER TABLE edi.review_policy_history ADD PRIMARY KEY (id, recorded WITHOUT OVERLAPS);

CALL edi.keep_history('review_policy');
CALL edi.watch('edi.review_policy', 'edi.rows_changed');

CREATE FUNCTION edi.policy_document(asked_key text, known_at timestamptz) RETURNS TABLE (document json)
LANGUAGE sql STABLE AS $$
    SELECT (
        SELECT held.document::json FROM edi.review_policy_version AS held
        WHERE held.id = substr(asked_key, 8) AND held.recorded @> coalesce(known_at, 'infinity')
    )
$$;


CREATE SEQUENCE edi.review_number MAXVALUE 999999999;

CREATE FUNCTION edi.certification_number(review_id bigint) RETURNS text
LANGUAGE sql IMMUTABLE AS $$ SELECT 'A' || lpad(review_id::text, 9, '0') $$;

CREATE FUNCTION edi.administrative_reference(review_id bigint) RETURNS text
LANGUAGE sql IMMUTABLE AS $$ SELECT 'R' || lpad(review_id::text, 9, '0') $$;

CREATE TABLE edi.review (
    review_id bigint PRIMARY KEY CHECK (review_id BETWEEN 1 AND 999999999),
    submitter_id text NOT NULL,
    trace text NOT NULL UNIQUE CHECK (trace ~ '^[0-9a-f]{64}$'),
    content text NOT NULL CHECK (content ~ '^[0-9a-f]{64}$'),
    contract_id text NOT NULL,
    person text NOT NULL,
    received_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    certification_number text NOT NULL UNIQUE GENERATED ALWAYS AS (edi.certification_number(review_id)) STORED,
    administrative_reference text NOT NULL UNIQUE GENERATED ALWAYS AS (edi.administrative_reference(review_id)) STORED
);

COMMENT ON COLUMN edi.review.trace IS 'Digest of the submitter, its trace numbers and what is done: one review each.';
COMMENT ON COLUMN edi.review.content IS 'Digest of all that the request says.';

CREATE TABLE edi.review_event (
    event_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    review_id bigint NOT NULL REFERENCES edi.review,
    kind text NOT NULL CHECK (kind IN ('request', 'decision', 'cancelled', 'message', 'document')),
    made_by text NOT NULL,
    document jsonb NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

COMMENT ON COLUMN edi.review_event.document IS
    'Of a decision: action, number, the segments that are sent, and the whole answer as typed values.';

CREATE INDEX review_event_review ON edi.review_event (review_id, event_id);

CREATE TRIGGER only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON edi.review EXECUTE FUNCTION edi.refuse();
CREATE TRIGGER only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON edi.review_event EXECUTE FUNCTION edi.refuse();

-- A review is found by its trace and by either of its numbers. It always comes with events, which tell of both.
CREATE FUNCTION edi.reviews_changed() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM edi.facts_changed(ARRAY(
        SELECT unnest(ARRAY[
            'review/trace/' || trace,
            'review/number/' || certification_number,
            'review/number/' || administrative_reference
        ])
        FROM edi.review WHERE review_id IN (SELECT review_id FROM changed)
    ));
    RETURN NULL;
END
$$;

CREATE TRIGGER fact_insert AFTER INSERT ON edi.review_event REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION edi.reviews_changed();

CREATE FUNCTION edi.review_document(asked_key text, known_at timestamptz) RETURNS TABLE (document json)
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
        WHERE CASE
            WHEN starts_with(asked_key, 'review/trace/') THEN review.trace = substr(asked_key, 14)
            ELSE review.review_id = (
                SELECT review_id FROM edi.review WHERE certification_number = substr(asked_key, 15)
                UNION ALL
                SELECT review_id FROM edi.review WHERE administrative_reference = substr(asked_key, 15)
            )
        END
    )
$$;


-- Put a decided review on record, if all facts that the decision rests on are still current, the review's own absence
-- among them: no row then. Otherwise the versions that the facts about reviews have from now on.
--
-- Needs READ COMMITTED: facts are compared once the locks are ours, so that no wait comes between look and commit. Of
-- several copies of one request only the first finds that there is no review yet.
CREATE FUNCTION edi.file_review(
    fact_keys text[],
    fact_versions bigint[],
    new_id bigint,
    new_submitter text,
    new_trace text,
    new_content text,
    new_contract text,
    new_person text,
    new_received timestamptz,
    request jsonb,
    decision jsonb,
    cancelled bigint
)
RETURNS TABLE (key text, version bigint)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
    PERFORM pg_advisory_xact_lock_shared('edi.audit'::regclass::oid::bigint);
    PERFORM pg_advisory_xact_lock(hashtextextended(new_trace, 0));
    PERFORM FROM edi.review WHERE review_id = cancelled FOR UPDATE;

    IF EXISTS (
        SELECT FROM unnest(fact_keys, fact_versions) AS used (key, version)
        LEFT JOIN edi.fact_version AS current ON current.key = used.key
        WHERE coalesce(current.version, 0) <> used.version
    ) THEN
        RETURN;
    END IF;

    INSERT INTO edi.review (review_id, submitter_id, trace, content, contract_id, person, received_at)
    VALUES (new_id, new_submitter, new_trace, new_content, new_contract, new_person, new_received);
    INSERT INTO edi.review_event (review_id, kind, made_by, document)
    SELECT new_id, 'request', new_submitter, request
    UNION ALL SELECT new_id, 'decision', 'rules', decision
    UNION ALL SELECT cancelled, 'cancelled', new_submitter, jsonb_build_object('by', new_id) WHERE cancelled IS NOT NULL;

    RETURN QUERY
    SELECT current.key, current.version FROM edi.fact_version AS current
    WHERE current.key = ANY (fact_keys) AND starts_with(current.key, 'review/');
END
$$;


CREATE OR REPLACE FUNCTION edi.document(asked_key text) RETURNS json
LANGUAGE plpgsql STABLE AS $$
DECLARE
    found json;
BEGIN
    CASE split_part(asked_key, '/', 1)
        WHEN 'member' THEN found := (SELECT document FROM edi.member_document(asked_key, NULL));
        WHEN 'plan' THEN found := (SELECT document FROM edi.plan_document(asked_key, NULL));
        WHEN 'provider' THEN found := (SELECT document FROM edi.provider_document(asked_key, NULL));
        WHEN 'entitlement' THEN found := (SELECT document FROM edi.entitlement_document(asked_key, NULL));
        WHEN 'credential' THEN found := (SELECT document FROM edi.credential_document(asked_key, NULL));
        WHEN 'claim' THEN found := (SELECT document FROM edi.claim_document(asked_key, NULL));
        WHEN 'calendar' THEN found := (SELECT document FROM edi.calendar_document(asked_key, NULL));
        WHEN 'policy' THEN found := (SELECT document FROM edi.policy_document(asked_key, NULL));
        WHEN 'review' THEN found := (SELECT document FROM edi.review_document(asked_key, NULL));
    END CASE;
    RETURN coalesce(found, 'null');
END
$$;
