-- What it takes to say later why an answer was what it was, and what it would have been at an earlier moment: what was
-- asked, byte for byte, each fact as it was at the version that the answer names, and everything's history.

-- History of the tables that say who may ask and by what a contract is found: as that of contracts and plans, each row
-- with the time from which it was what we knew. NULL: since before this was kept.

CREATE FUNCTION edi.date_row() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    -- A generated column has no value yet in NEW.
    undated text[] := ARRAY['recorded_at', 'fact_key'];
BEGIN
    IF to_jsonb(NEW) - undated = to_jsonb(OLD) - undated THEN
        NEW.recorded_at := OLD.recorded_at;
    ELSE
        NEW.recorded_at := greatest(clock_timestamp(), OLD.recorded_at + interval '1 microsecond');
    END IF;
    RETURN NEW;
END
$$;

CREATE FUNCTION edi.keep_row() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    superseded_at timestamptz;
BEGIN
    IF TG_OP = 'DELETE' THEN
        superseded_at := greatest(clock_timestamp(), OLD.recorded_at + interval '1 microsecond');
    ELSIF NEW.recorded_at IS DISTINCT FROM OLD.recorded_at THEN
        superseded_at := NEW.recorded_at;
    ELSE
        RETURN NULL;
    END IF;
    EXECUTE format('INSERT INTO edi.%I SELECT ($1).*, $2', TG_TABLE_NAME || '_history') USING OLD, superseded_at;
    RETURN NULL;
END
$$;

-- Keep the history of a table, found again by one of its columns, and define edi.TABLE_known(known_at): the rows as they
-- are (NULL) or as we knew them at a moment. The function is inlined, so that nobody pays for the moment not asked for.
CREATE PROCEDURE edi.keep_rows(kept text, found_by text)
LANGUAGE plpgsql AS $$
DECLARE
    history text := kept || '_history';
    columns text;
BEGIN
    EXECUTE format('ALTER TABLE edi.%I ADD COLUMN recorded_at timestamptz', kept);
    EXECUTE format('ALTER TABLE edi.%I ALTER COLUMN recorded_at SET DEFAULT clock_timestamp()', kept);
    EXECUTE format('CREATE TABLE edi.%I (LIKE edi.%I, superseded_at timestamptz NOT NULL)', history, kept);
    EXECUTE format('CREATE INDEX ON edi.%I (%I)', history, found_by);
    SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) INTO columns
        FROM pg_attribute WHERE attrelid = format('edi.%I', kept)::regclass AND attnum > 0 AND NOT attisdropped;
    EXECUTE format(
        'CREATE TRIGGER date_row BEFORE UPDATE ON edi.%I FOR EACH ROW EXECUTE FUNCTION edi.date_row()', kept
    );
    EXECUTE format(
        'CREATE TRIGGER keep_row AFTER UPDATE OR DELETE ON edi.%I FOR EACH ROW EXECUTE FUNCTION edi.keep_row()', kept
    );
    EXECUTE format(
        'CREATE TRIGGER only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON edi.%I EXECUTE FUNCTION edi.refuse()', history
    );
    EXECUTE format(
        'CREATE FUNCTION edi.%I(known_at timestamptz) RETURNS SETOF edi.%I LANGUAGE sql STABLE AS $known$
            SELECT %s FROM edi.%I WHERE known_at IS NULL OR recorded_at IS NULL OR recorded_at <= known_at
            UNION ALL
            SELECT %s FROM edi.%I WHERE known_at < superseded_at AND (recorded_at IS NULL OR recorded_at <= known_at)
        $known$',
        kept || '_known', kept, columns, kept, columns, history
    );
END
$$;

CALL edi.keep_rows('search_key', 'fact_key');
CALL edi.keep_rows('provider', 'provider_id');
CALL edi.keep_rows('provider_identifier', 'fact_key');
CALL edi.keep_rows('provider_tin', 'provider_id');
CALL edi.keep_rows('entitlement', 'fact_key');

CREATE FUNCTION edi.contract_known(known_at timestamptz) RETURNS TABLE (id text, document jsonb)
LANGUAGE sql STABLE AS $$
    SELECT id, document FROM edi.contract WHERE known_at IS NULL OR recorded_at <= known_at
    UNION ALL SELECT id, document FROM edi.contract_history WHERE recorded @> known_at
$$;

CREATE FUNCTION edi.plan_known(known_at timestamptz) RETURNS TABLE (id text, document jsonb)
LANGUAGE sql STABLE AS $$
    SELECT id, document FROM edi.plan WHERE known_at IS NULL OR recorded_at <= known_at
    UNION ALL SELECT id, document FROM edi.plan_history WHERE recorded @> known_at
$$;


-- What a look-up by a key gives, by the kind that the key's first part names: one row, a document of the types of
-- rules.facts or NULL for nothing, as things are (NULL) or as we knew them at a moment. Inlined like the above; what
-- belongs to a row is selected for that row and not joined, because the planner looks into neither side of a union for
-- what could be found by an index.

CREATE FUNCTION edi.member_document(asked_key text, known_at timestamptz) RETURNS TABLE (document json)
LANGUAGE sql STABLE AS $$
    SELECT coalesce((
        SELECT json_agg(found.document ORDER BY found.id)
        FROM (
            SELECT filed.contract_id AS id, (
                SELECT contract.document FROM edi.contract_known(known_at) AS contract
                WHERE contract.id = filed.contract_id
            ) AS document
            FROM edi.search_key_known(known_at) AS filed WHERE filed.fact_key = asked_key
            OFFSET 0 -- or the document would be looked for once to see whether it is there and once to have it
        ) AS found
        WHERE found.document IS NOT NULL
    ), '[]')
$$;

CREATE FUNCTION edi.plan_document(asked_key text, known_at timestamptz) RETURNS TABLE (document json)
LANGUAGE sql STABLE AS $$
    SELECT (SELECT plan.document::json FROM edi.plan_known(known_at) AS plan WHERE plan.id = substr(asked_key, 6))
$$;

CREATE FUNCTION edi.provider_document(asked_key text, known_at timestamptz) RETURNS TABLE (document json)
LANGUAGE sql STABLE AS $$
    SELECT (
        SELECT (
            SELECT json_build_object(
                'provider_id', provider.provider_id,
                'name', provider.name,
                'may_inquire', provider.may_inquire,
                'identifiers', (
                    SELECT json_agg(json_build_object('qualifier', qualifier, 'identifier', identifier)
                        ORDER BY qualifier, identifier)
                    FROM edi.provider_identifier_known(known_at) AS each WHERE each.provider_id = named.provider_id
                ),
                'tins', coalesce((
                    SELECT json_agg(tin ORDER BY tin)
                    FROM edi.provider_tin_known(known_at) AS each WHERE each.provider_id = named.provider_id
                ), '[]')
            )
            FROM edi.provider_known(known_at) AS provider WHERE provider.provider_id = named.provider_id
        )
        FROM edi.provider_identifier_known(known_at) AS named WHERE named.fact_key = asked_key
    )
$$;

CREATE FUNCTION edi.entitlement_document(asked_key text, known_at timestamptz) RETURNS TABLE (document json)
LANGUAGE sql STABLE AS $$
    SELECT coalesce((
        SELECT json_agg(json_build_object(
            'submitter_id', submitter_id,
            'tin', tin,
            'function', function,
            'valid_from', lower(valid),
            'valid_until', upper(valid),
            'granted_by', granted_by
        ) ORDER BY entitlement_id)
        FROM edi.entitlement_known(known_at) AS entitlement
        WHERE entitlement.fact_key = asked_key AND entitlement.revoked_at IS NULL
    ), '[]')
$$;

-- Keys are of the present only: who asks about an earlier moment asks now.
CREATE FUNCTION edi.credential_document(asked_key text, known_at timestamptz) RETURNS TABLE (document json)
LANGUAGE sql STABLE AS $$
    SELECT (
        SELECT row_to_json(submitter)
        FROM edi.api_key JOIN edi.submitter USING (submitter_id)
        WHERE api_key.fact_key = asked_key AND api_key.revoked_at IS NULL AND known_at IS NULL
    )
$$;

-- In the snapshot of the statement that calls it, as every function that is not VOLATILE.
CREATE FUNCTION edi.document(asked_key text) RETURNS json
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
    END CASE;
    RETURN coalesce(found, 'null');
END
$$;


CREATE TABLE edi.fact_document (
    fact_id bigint NOT NULL,
    version bigint NOT NULL,
    document json NOT NULL,
    PRIMARY KEY (fact_id, version)
);

COMMENT ON TABLE edi.fact_document IS
    'Facts at the versions that answers rest on, each written with the first record that names it.';

CREATE TABLE edi.configuration (
    configuration_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    sha256 bytea NOT NULL UNIQUE CHECK (length(sha256) = 32),
    document json NOT NULL,
    first_used_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

COMMENT ON TABLE edi.configuration IS 'With which program and which of the payer''s settings answers were computed.';

-- Apart from the audit because, unlike that, it says whom an inquiry was about.
CREATE TABLE edi.kept_inquiry (
    audit_id bigint PRIMARY KEY,
    submitter_id text NOT NULL,
    trace text NOT NULL,
    control_number integer,
    configuration_id bigint NOT NULL,
    payload bytea NOT NULL,
    answer_sha256 bytea NOT NULL CHECK (length(answer_sha256) = 32)
);

COMMENT ON COLUMN edi.kept_inquiry.answer_sha256 IS
    'Of the answer without its envelope: what is the same whenever the same is computed again.';

CREATE INDEX kept_inquiry_trace ON edi.kept_inquiry (trace) WHERE trace <> '';
CREATE INDEX kept_inquiry_number ON edi.kept_inquiry (control_number, submitter_id);

CREATE TRIGGER only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON edi.fact_document EXECUTE FUNCTION edi.refuse();
CREATE TRIGGER only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON edi.configuration EXECUTE FUNCTION edi.refuse();
CREATE TRIGGER only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON edi.kept_inquiry EXECUTE FUNCTION edi.refuse();


ALTER TYPE edi.audit_entry ADD ATTRIBUTE payload bytea, ADD ATTRIBUTE answer_sha256 bytea;

DROP FUNCTION edi.record_answers(edi.audit_entry[], bigint[], timestamptz[]);


-- Record the answers whose facts are all still current, and give each its control numbers.
--
-- Each entry gets a row back: its place in "entries" from 1 on, and either what it was recorded as or the keys of the
-- facts that have changed since they were read. Needs READ COMMITTED: facts are compared as they are once the
-- partners' rows are ours, so that numbers rise in the order of commits and no wait comes between look and commit.
--
-- The documents of facts that no record has named before are kept in the statement that compares the versions: what it
-- sees of both is of one moment.
CREATE FUNCTION edi.record_answers(
    entries edi.audit_entry[], sent_ids bigint[], sent_moments timestamptz[], configuration bigint
)
RETURNS TABLE (place bigint, audit_id bigint, control_number integer, stale text[])
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
    PERFORM pg_advisory_xact_lock_shared('edi.audit'::regclass::oid::bigint);

    INSERT INTO edi.audit_sent (audit_id, sent_at)
    SELECT * FROM unnest(sent_ids, sent_moments) ON CONFLICT DO NOTHING;

    INSERT INTO edi.control_number (qualifier, id)
    SELECT DISTINCT partner_qualifier, partner_id FROM unnest(entries) AS entry
    WHERE NOT EXISTS (
        SELECT FROM edi.control_number WHERE qualifier = entry.partner_qualifier AND id = entry.partner_id
    )
    ORDER BY 1, 2 ON CONFLICT DO NOTHING;

    PERFORM FROM edi.control_number
    WHERE (qualifier, id) IN (SELECT partner_qualifier, partner_id FROM unnest(entries))
    ORDER BY qualifier, id FOR UPDATE;

    RETURN QUERY
    WITH entry AS (
        SELECT * FROM unnest(entries) WITH ORDINALITY
    ), fact AS (
        SELECT entry.ordinality, used.key, used.version AS used_version, current.fact_id,
            coalesce(current.version, 0) AS version
        FROM entry
        CROSS JOIN LATERAL unnest(entry.fact_keys, entry.fact_versions) AS used (key, version)
        LEFT JOIN edi.fact_version AS current ON current.key = used.key
    ), verdict AS (
        SELECT ordinality,
            array_agg(key) FILTER (WHERE used_version <> version) AS stale,
            jsonb_agg(jsonb_build_array(split_part(key, '/', 1), fact_id, version)) AS facts
        FROM fact GROUP BY ordinality
    ), judged AS (
        SELECT entry.*, verdict.stale, coalesce(verdict.facts, '[]') AS facts,
            sum(entry.control_numbers) FILTER (WHERE verdict.stale IS NULL) OVER (
                PARTITION BY entry.partner_qualifier, entry.partner_id ORDER BY entry.ordinality
            ) AS numbers_so_far
        FROM entry LEFT JOIN verdict USING (ordinality)
    ), demand AS (
        SELECT partner_qualifier, partner_id, max(numbers_so_far) AS numbers
        FROM judged WHERE stale IS NULL GROUP BY partner_qualifier, partner_id
    ), start AS (
        -- A block is never torn: where it would pass 999999999, it begins with 1.
        SELECT qualifier, id, CASE WHEN last + numbers > 999999999 THEN 0 ELSE last END AS before, numbers
        FROM edi.control_number JOIN demand ON qualifier = partner_qualifier AND id = partner_id
    ), allocated AS (
        UPDATE edi.control_number AS counter SET last = start.before + start.numbers
        FROM start WHERE counter.qualifier = start.qualifier AND counter.id = start.id AND start.numbers > 0
    ), numbered AS (
        SELECT judged.*,
            CASE WHEN stale IS NULL THEN nextval('edi.audit_audit_id_seq') END AS audit_id,
            CASE WHEN stale IS NULL AND control_numbers > 0
                THEN (before + numbers_so_far - control_numbers + 1)::integer
            END AS control_number
        FROM judged LEFT JOIN start ON qualifier = partner_qualifier AND id = partner_id
    ), recorded AS (
        INSERT INTO edi.audit (
            audit_id, submitter_id, received_at, isa06, isa08, isa13, gs02, gs03, gs06, st02, bht03, trn02,
            payload_bytes, payload_sha256, mode, transaction, outcome, answer_trace, stages, facts,
            partner_qualifier, partner_id, control_number, control_numbers
        )
        SELECT
            audit_id, submitter_id, received_at, isa06, isa08, isa13, gs02, gs03, gs06, st02, bht03, trn02,
            payload_bytes, payload_sha256, mode, transaction, outcome, answer_trace, stages, facts,
            partner_qualifier, partner_id, control_number, control_numbers
        FROM numbered WHERE stale IS NULL
    ), kept AS (
        INSERT INTO edi.kept_inquiry (
            audit_id, submitter_id, trace, control_number, configuration_id, payload, answer_sha256
        )
        SELECT audit_id, submitter_id, answer_trace, control_number, configuration, payload, answer_sha256
        FROM numbered WHERE stale IS NULL
    ), named AS (
        -- In the order of the ids, so that two who keep the same facts wait for each other and never in a ring.
        INSERT INTO edi.fact_document (fact_id, version, document)
        SELECT fact_id, version, edi.document(key)
        FROM (
            SELECT DISTINCT key, fact_id, version FROM fact
            WHERE used_version = version AND version > 0 AND NOT EXISTS (
                SELECT FROM edi.fact_document AS held WHERE (held.fact_id, held.version) = (fact.fact_id, fact.version)
            )
        ) AS missing
        ORDER BY fact_id ON CONFLICT DO NOTHING
    )
    SELECT ordinality, audit_id, control_number, stale FROM numbered;
END
$$;
