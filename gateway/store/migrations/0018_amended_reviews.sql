-- A request may cancel services of an earlier review, about which something else is decided from then on; and a review
-- that is followed up is told in full, since when its request came by whichever number it is asked for.

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
            'segments', decision.document -> 'segments',
            'received_at', review.received_at,
            'decision', CASE WHEN starts_with(asked_key, 'review/number/') THEN json_build_object(
                'submitter_id', review.submitter_id,
                'answer', decision.document -> 'answer',
                'covered_until', decision.document -> 'covered_until',
                'asked_at', coalesce(nullif(decision.document -> 'asked_at', 'null'), to_jsonb(decision.recorded_at))
            ) END
        )
        FROM edi.review CROSS JOIN LATERAL (
            SELECT event.document, event.recorded_at FROM edi.review_event AS event
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

-- What caches hold of reviews tells less than this.
UPDATE edi.fact_version SET version = version + 1 WHERE starts_with(key, 'review/number/');


-- As before; an earlier review is cancelled as a whole, or services of it, with what is decided about it from then on.
DROP FUNCTION edi.file_review(
    text[], bigint[], bigint, text, text, text, text, text, timestamptz, jsonb, jsonb, bigint
);

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
    changed_id bigint,
    amended jsonb
)
RETURNS TABLE (key text, version bigint)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
    PERFORM pg_advisory_xact_lock_shared('edi.audit'::regclass::oid::bigint);
    PERFORM pg_advisory_xact_lock(hashtextextended(new_trace, 0));
    PERFORM FROM edi.review WHERE review_id = changed_id FOR UPDATE;

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
    UNION ALL SELECT
        changed_id, CASE WHEN amended IS NULL THEN 'cancelled' ELSE 'decision' END, new_submitter,
        coalesce(amended, '{}') || jsonb_build_object('by', new_id)
    WHERE changed_id IS NOT NULL;

    RETURN QUERY
    SELECT current.key, current.version FROM edi.fact_version AS current
    WHERE current.key = ANY (fact_keys) AND starts_with(current.key, 'review/');
END
$$;
