-- What answers rest on carries versions, so that a cache may be wrong without anybody getting a wrong answer.
--
-- A fact is what a look-up by one key gives, also when it gives nothing. Its version is counted here, by triggers on the
-- tables that hold the facts, in the transaction of whoever changes them. A key without a row has version 0: nothing
-- has ever been there. Rows are never deleted, so a version never comes back.

CREATE TABLE edi.fact_version (
    key text PRIMARY KEY CHECK (octet_length(key) <= 400),
    version bigint NOT NULL CHECK (version > 0),
    fact_id bigint GENERATED ALWAYS AS IDENTITY UNIQUE
) WITH (fillfactor = 80);

COMMENT ON COLUMN edi.fact_version.fact_id IS
    'Stands for the key where the key itself, which may hold a member''s id or name, must not be kept: in the audit.';


-- The messages that tell gateways which facts have changed: keys, one a line, in as few messages as a payload's limit
-- of 8000 bytes allows; a kind and an asterisk ("member/*") where there are so many that all of a kind may go.
CREATE FUNCTION edi.change_messages(keys text[]) RETURNS SETOF text
LANGUAGE sql STABLE AS $$
    WITH sized AS (
        SELECT key,
            sum(octet_length(key) + 1) OVER (ORDER BY key) / 7000 AS message,
            count(*) OVER (PARTITION BY split_part(key, '/', 1)) > 1000 AS many
        FROM (SELECT DISTINCT unnest(keys) AS key) AS changed
    )
    SELECT string_agg(key, E'\n') FROM sized WHERE NOT many GROUP BY message
    UNION ALL
    SELECT DISTINCT split_part(key, '/', 1) || '/*' FROM sized WHERE many
$$;


CREATE FUNCTION edi.facts_changed(keys text[]) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    -- With a snapshot of its own start, a transaction would not see keys that others have added since.
    IF current_setting('transaction_isolation') NOT IN ('read committed', 'read uncommitted') THEN
        RAISE EXCEPTION 'facts are changed in READ COMMITTED transactions only'
            USING ERRCODE = 'invalid_transaction_state';
    END IF;

    -- In the order of the keys, so that two writers wait for each other and never in a ring.
    INSERT INTO edi.fact_version AS fact (key, version)
    SELECT DISTINCT key, 1 FROM unnest(keys) AS key WHERE key IS NOT NULL ORDER BY key
    ON CONFLICT (key) DO UPDATE SET version = fact.version + 1;

    PERFORM pg_notify('edi_facts', message) FROM edi.change_messages(keys) AS message;
END
$$;


-- For tables whose rows name their fact themselves, in the column fact_key.
--
-- Where a fact is put together from such a row and one that it points to, the argument is a statement that locks the
-- latter. Otherwise, of two writers at the same time, one could add a key while the other changes what is found by it,
-- and neither would count that key's version for the other's change.
CREATE FUNCTION edi.rows_changed() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_NARGS > 0 THEN
        EXECUTE TG_ARGV[0];
    END IF;
    IF TG_OP = 'UPDATE' THEN
        PERFORM edi.facts_changed(ARRAY(SELECT fact_key FROM changed UNION SELECT fact_key FROM former));
    ELSE
        PERFORM edi.facts_changed(ARRAY(SELECT fact_key FROM changed));
    END IF;
    RETURN NULL;
END
$$;


CREATE FUNCTION edi.refuse() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of %.% is refused', TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$;


-- Let a trigger function see every change of a table. It finds the rows after an INSERT or UPDATE, or before a DELETE,
-- in "changed", and those before an UPDATE in "former". TRUNCATE would get past it and is refused.
CREATE PROCEDURE edi.watch(watched regclass, watcher text, VARIADIC arguments text[] DEFAULT '{}')
LANGUAGE plpgsql AS $$
DECLARE
    event text;
    transition text;
BEGIN
    FOR event, transition IN VALUES
        ('INSERT', 'NEW TABLE AS changed'),
        ('UPDATE', 'NEW TABLE AS changed OLD TABLE AS former'),
        ('DELETE', 'OLD TABLE AS changed')
    LOOP
        EXECUTE format(
            'CREATE TRIGGER fact_%s AFTER %s ON %s REFERENCING %s FOR EACH STATEMENT EXECUTE FUNCTION %s(%s)',
            lower(event), event, watched, transition, watcher,
            (SELECT string_agg(quote_literal(argument), ', ') FROM unnest(arguments) AS argument)
        );
    END LOOP;
    EXECUTE format('CREATE TRIGGER never_truncated BEFORE TRUNCATE ON %s EXECUTE FUNCTION edi.refuse()', watched);
END
$$;
