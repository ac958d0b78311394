-- Coverage: contracts and plans as JSON documents (the types of rules.facts), and by what contracts are found.
--
-- Nothing is overwritten: an UPDATE or DELETE, by whatever program, moves what was there into the history with the
-- period in which it was what we knew. When it was valid stands in the document.

CREATE EXTENSION IF NOT EXISTS btree_gist;

CREATE TABLE edi.contract (
    id text PRIMARY KEY,
    document jsonb NOT NULL CHECK (document ->> 'contract_id' = id),
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE edi.contract_history (
    id text NOT NULL,
    document jsonb NOT NULL,
    recorded tstzrange NOT NULL,
    PRIMARY KEY (id, recorded WITHOUT OVERLAPS)
);

CREATE TABLE edi.plan (
    id text PRIMARY KEY,
    document jsonb NOT NULL CHECK (document ->> 'plan_id' = id),
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    fact_key text NOT NULL GENERATED ALWAYS AS ('plan/' || id) STORED UNIQUE
);

CREATE TABLE edi.plan_history (LIKE edi.contract_history);
ALTER TABLE edi.plan_history ADD PRIMARY KEY (id, recorded WITHOUT OVERLAPS);


CREATE FUNCTION edi.date_version() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.id <> OLD.id THEN
        RAISE EXCEPTION 'the id of a document does not change' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.document = OLD.document THEN
        NEW.recorded_at := OLD.recorded_at;
    ELSE
        NEW.recorded_at := greatest(clock_timestamp(), OLD.recorded_at + interval '1 microsecond');
    END IF;
    RETURN NEW;
END
$$;

CREATE FUNCTION edi.keep_superseded() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format(
        'INSERT INTO edi.%I (id, document, recorded)
         SELECT former.id, former.document, tstzrange(former.recorded_at, changed.recorded_at)
         FROM former JOIN changed USING (id) WHERE changed.recorded_at > former.recorded_at',
        TG_TABLE_NAME || '_history'
    );
    RETURN NULL;
END
$$;

CREATE FUNCTION edi.keep_deleted() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format(
        'INSERT INTO edi.%I (id, document, recorded)
         SELECT id, document, tstzrange(recorded_at, greatest(clock_timestamp(), recorded_at + interval ''1 microsecond''))
         FROM changed',
        TG_TABLE_NAME || '_history'
    );
    RETURN NULL;
END
$$;

CREATE PROCEDURE edi.keep_history(kept text)
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format(
        'CREATE TRIGGER date_version BEFORE UPDATE ON edi.%I FOR EACH ROW EXECUTE FUNCTION edi.date_version()', kept
    );
    EXECUTE format(
        'CREATE TRIGGER keep_superseded AFTER UPDATE ON edi.%I REFERENCING NEW TABLE AS changed OLD TABLE AS former
         FOR EACH STATEMENT EXECUTE FUNCTION edi.keep_superseded()', kept
    );
    EXECUTE format(
        'CREATE TRIGGER keep_deleted AFTER DELETE ON edi.%I REFERENCING OLD TABLE AS changed
         FOR EACH STATEMENT EXECUTE FUNCTION edi.keep_deleted()', kept
    );
    EXECUTE format(
        'CREATE TRIGGER only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON edi.%I EXECUTE FUNCTION edi.refuse()',
        kept || '_history'
    );
    EXECUTE format(
        'CREATE VIEW edi.%I AS
         SELECT id, document, tstzrange(recorded_at, NULL) AS recorded FROM edi.%I
         UNION ALL SELECT id, document, recorded FROM edi.%I',
        kept || '_version', kept, kept || '_history'
    );
END
$$;

CALL edi.keep_history('contract');
CALL edi.keep_history('plan');


-- By what a contract is found (rules.search_keys): a member id, or a last name and a birth date, all normalized. Who
-- changes names or ids in a document brings its keys along (gateway.store.loading does).
CREATE TABLE edi.search_key (
    contract_id text NOT NULL REFERENCES edi.contract ON DELETE CASCADE,
    member_id text CHECK (member_id <> ''),
    birth_date date,
    last_name text,
    fact_key text NOT NULL GENERATED ALWAYS AS (
        CASE
            WHEN member_id IS NOT NULL THEN 'member/id/' || member_id
            -- A date's own text depends on settings of the session; a generated column must not.
            ELSE 'member/name/' || lpad(extract(year FROM birth_date)::text, 4, '0')
                || '-' || lpad(extract(month FROM birth_date)::text, 2, '0')
                || '-' || lpad(extract(day FROM birth_date)::text, 2, '0')
                || '/' || last_name
        END
    ) STORED,
    PRIMARY KEY (fact_key, contract_id),
    CONSTRAINT either_id_or_name CHECK (
        (member_id IS NULL) = (birth_date IS NOT NULL) AND (birth_date IS NULL) = (last_name IS NULL)
    )
);

CREATE INDEX search_key_contract ON edi.search_key (contract_id);


-- A contract that is new has no search keys yet, and one that goes takes them along: both are seen there.
CREATE FUNCTION edi.contracts_changed() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM edi.facts_changed(
        ARRAY(SELECT fact_key FROM edi.search_key WHERE contract_id IN (SELECT id FROM changed))
    );
    RETURN NULL;
END
$$;

CREATE TRIGGER fact_update AFTER UPDATE ON edi.contract REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION edi.contracts_changed();
CREATE TRIGGER never_truncated BEFORE TRUNCATE ON edi.contract EXECUTE FUNCTION edi.refuse();

CALL edi.watch('edi.search_key', 'edi.rows_changed',
    'SELECT FROM edi.contract WHERE id IN (SELECT contract_id FROM changed) ORDER BY id FOR NO KEY UPDATE');
CALL edi.watch('edi.plan', 'edi.rows_changed');
