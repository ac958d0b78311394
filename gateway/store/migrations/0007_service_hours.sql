-- Service hours: a payer's calendar as a JSON document (rules.facts.service_hours) under the payer's id, with its history
-- and a version as every other fact, so that maintenance counts from the answer after its declaration on.

CREATE TABLE edi.calendar (
    id text PRIMARY KEY CHECK (id <> ''),
    document jsonb NOT NULL CHECK (jsonb_typeof(document) = 'object'),
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    fact_key text NOT NULL GENERATED ALWAYS AS ('calendar/' || id) STORED UNIQUE
);

COMMENT ON TABLE edi.calendar IS 'A payer without a row has the hours of rules.facts.service_hours.DEFAULT_CALENDAR.';

CREATE TABLE edi.calendar_history (LIKE edi.contract_history);
ALTER TABLE edi.calendar_history ADD PRIMARY KEY (id, recorded WITHOUT OVERLAPS);

CALL edi.keep_history('calendar');
CALL edi.watch('edi.calendar', 'edi.rows_changed');


CREATE FUNCTION edi.calendar_known(known_at timestamptz) RETURNS TABLE (id text, document jsonb)
LANGUAGE sql STABLE AS $$
    SELECT id, document FROM edi.calendar WHERE known_at IS NULL OR recorded_at <= known_at
    UNION ALL SELECT id, document FROM edi.calendar_history WHERE recorded @> known_at
$$;

CREATE FUNCTION edi.calendar_document(asked_key text, known_at timestamptz) RETURNS TABLE (document json)
LANGUAGE sql STABLE AS $$
    SELECT (SELECT held.document::json FROM edi.calendar_known(known_at) AS held WHERE held.id = substr(asked_key, 10))
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
    END CASE;
    RETURN coalesce(found, 'null');
END
$$;
