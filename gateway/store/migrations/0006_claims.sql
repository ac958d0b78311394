-- Claims as JSON documents (the type of rules.facts.claims) with the history of their status in them, by what they are
-- found, and what became of them: a feed of changes in the order in which they can be seen.

CREATE TABLE edi.claim (
    id text PRIMARY KEY,
    document jsonb NOT NULL CHECK (document ->> 'claim_id' = id),
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE edi.claim_history (LIKE edi.contract_history);
ALTER TABLE edi.claim_history ADD PRIMARY KEY (id, recorded WITHOUT OVERLAPS);

CALL edi.keep_history('claim');


-- By what a claim is found (rules.claim_search): one of the numbers that it has, a number within a provider group, or
-- the member and a year of service; all normalized. Who changes them in a document brings its keys along
-- (gateway.store.claim_loading does).
CREATE TABLE edi.claim_key (
    claim_id text NOT NULL REFERENCES edi.claim ON DELETE CASCADE,
    filed_by text NOT NULL CHECK (filed_by IN ('number', 'clearinghouse', 'account', 'prescription', 'member')),
    number text NOT NULL CHECK (number <> ''),
    tin text CHECK (tin ~ '^[0-9]{9}$'),
    year smallint CHECK (year BETWEEN 1 AND 9999),
    fact_key text NOT NULL GENERATED ALWAYS AS (
        'claim/' || filed_by || '/' || coalesce(tin || '/', '') || coalesce(year::text || '/', '') || number
    ) STORED,
    PRIMARY KEY (fact_key, claim_id),
    CONSTRAINT within_a_group CHECK ((tin IS NOT NULL) = (filed_by IN ('account', 'prescription'))),
    CONSTRAINT within_a_year CHECK ((year IS NOT NULL) = (filed_by = 'member'))
);

CREATE INDEX claim_key_claim ON edi.claim_key (claim_id);

CALL edi.keep_rows('claim_key', 'fact_key');


CREATE FUNCTION edi.claims_changed() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM edi.facts_changed(ARRAY(SELECT fact_key FROM edi.claim_key WHERE claim_id IN (SELECT id FROM changed)));
    RETURN NULL;
END
$$;

-- As with contracts: a claim that is new has no keys yet, and one that goes takes them along.
CREATE TRIGGER fact_update AFTER UPDATE ON edi.claim REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION edi.claims_changed();
CREATE TRIGGER never_truncated BEFORE TRUNCATE ON edi.claim EXECUTE FUNCTION edi.refuse();

CALL edi.watch('edi.claim_key', 'edi.rows_changed',
    'SELECT FROM edi.claim WHERE id IN (SELECT claim_id FROM changed) ORDER BY id FOR NO KEY UPDATE');


CREATE FUNCTION edi.claim_known(known_at timestamptz) RETURNS TABLE (id text, document jsonb)
LANGUAGE sql STABLE AS $$
    SELECT id, document FROM edi.claim WHERE known_at IS NULL OR recorded_at <= known_at
    UNION ALL SELECT id, document FROM edi.claim_history WHERE recorded @> known_at
$$;

CREATE FUNCTION edi.claim_document(asked_key text, known_at timestamptz) RETURNS TABLE (document json)
LANGUAGE sql STABLE AS $$
    SELECT coalesce(json_agg(claim.document ORDER BY claim.id), '[]')
    FROM edi.claim_key_known(known_at) AS filed JOIN edi.claim_known(known_at) AS claim ON claim.id = filed.claim_id
    WHERE filed.fact_key = asked_key
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
    END CASE;
    RETURN coalesce(found, 'null');
END
$$;


-- What became of claims, for who follows them: a row for each change of a claim's status and each provider group whose
-- claim it is.
--
-- Rows become visible in the order of commits, which is not that of any number drawn before the commit. A reader
-- therefore remembers the snapshot that it last read in (pg_current_snapshot) and asks for the rows whose transactions
-- were not visible there: none is missed and none comes twice, however many write at once.
CREATE TABLE edi.claim_change (
    tin text NOT NULL,
    transaction xid8 NOT NULL DEFAULT pg_current_xact_id(),
    change_id bigint NOT NULL,
    claim_id text NOT NULL,
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (tin, transaction, change_id)
);

COMMENT ON COLUMN edi.claim_change.recorded_at IS 'Of the version of the claim that the change led to.';

CREATE SEQUENCE edi.claim_change_number;

CREATE INDEX claim_change_age ON edi.claim_change USING brin (recorded_at);

-- A claim's status is its own events and those of its lines.
CREATE FUNCTION edi.claim_status(document jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE AS $$
    SELECT jsonb_build_array(document -> 'events', jsonb_path_query_array(document, '$.lines[*].events'))
$$;

CREATE FUNCTION edi.keep_claim_changes(ids text[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    tins text[];
BEGIN
    WITH numbered AS (
        SELECT id, document, recorded_at, nextval('edi.claim_change_number') AS change_id
        FROM edi.claim WHERE id = ANY (ids)
    ), kept AS (
        INSERT INTO edi.claim_change (tin, change_id, claim_id, recorded_at)
        SELECT DISTINCT tin, change_id, id, recorded_at
        FROM numbered, unnest(ARRAY[document ->> 'billing_tin', document ->> 'rendering_tin']) AS tin
        WHERE tin <> ''
        RETURNING tin
    )
    SELECT array_agg(DISTINCT tin) INTO tins FROM kept;
    PERFORM pg_notify('edi_claims', message) FROM edi.change_messages(tins) AS message;
END
$$;

CREATE FUNCTION edi.claims_arrived() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM edi.keep_claim_changes(ARRAY(SELECT id FROM changed));
    RETURN NULL;
END
$$;

CREATE FUNCTION edi.claims_moved() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM edi.keep_claim_changes(ARRAY(
        SELECT changed.id FROM changed JOIN former USING (id)
        WHERE edi.claim_status(changed.document) <> edi.claim_status(former.document)
    ));
    RETURN NULL;
END
$$;

CREATE TRIGGER status_arrived AFTER INSERT ON edi.claim REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION edi.claims_arrived();
CREATE TRIGGER status_moved AFTER UPDATE ON edi.claim REFERENCING NEW TABLE AS changed OLD TABLE AS former
    FOR EACH STATEMENT EXECUTE FUNCTION edi.claims_moved();


-- What lets a gateway recognize a cursor that any gateway over this database has given out.
CREATE TABLE edi.cursor_secret (
    only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
    secret bytea NOT NULL
);

INSERT INTO edi.cursor_secret (secret) VALUES (uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()));
