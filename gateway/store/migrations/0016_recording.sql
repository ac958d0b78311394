-- The answers of one commit come as columns instead of as records: PostgreSQL takes a quarter of the time to read them.

DROP FUNCTION edi.record_answers(edi.audit_entry[], bigint[], timestamptz[], bigint);
DROP TYPE edi.audit_entry;


-- The values of a column, each of which ends with the unit separator.
CREATE FUNCTION edi.column_values(ended text) RETURNS text[]
LANGUAGE sql IMMUTABLE AS $$
    SELECT string_to_array(ended, chr(31))
$$;


-- The moment so many microseconds after the beginning of 1970.
CREATE FUNCTION edi.moment(microseconds bigint) RETURNS timestamptz
LANGUAGE sql STABLE AS $$
    SELECT timestamptz 'epoch' + microseconds * interval '1 microsecond'
$$;


-- Record the answers whose facts are all still current, and give each its control numbers.
--
-- Everything comes as texts, because a program makes one text of a column in a fraction of the time that it takes to
-- send an array: columns of text as edi.column_values takes them, columns of numbers as PostgreSQL writes an array.
--
-- entries        one text, with the record separator between entries and the unit separator between the fields of each,
--                which are in the order in which they are taken apart below. Among them are the places of the partner
--                and of the facts that the entry rests on, how many of the partner's control numbers it needs and how
--                many of them go to entries before it, when the request came (edi.moment), where its bytes begin in
--                payloads, from 1 on, and how many they are
-- payloads       what came, one after the other
-- digests        of each entry the SHA-256 of what came and of the answer without its envelope
-- used_keys      the facts that any entry rests on, with used_versions; those at the places in unrecorded may be such
--                as no record has named yet
-- partner_*      to whom the entries are addressed, and how many control numbers all of theirs need together
-- sent_*         answers recorded before, and when each was sent (edi.moment)
--
-- Back come of each entry, in their order, its record's number and its first control number, both null where facts
-- have changed since they were read; then "stale" has, by the entry's place from 1 on, the keys of these facts. What an
-- entry that is not recorded would have been numbered is left out.
--
-- Needs READ COMMITTED: facts are compared as they are once the partners' rows are ours, so that numbers rise in the
-- order of commits and nobody is waited for between look and commit. The documents of facts that no record has named
-- before are kept in the statement that compares the versions: what it sees of both is of one moment.
CREATE FUNCTION edi.record_answers(
    entries text, payloads bytea, digests bytea,
    used_keys text, used_versions text, unrecorded text,
    partner_qualifiers text, partner_ids text, partner_needs text,
    sent_ids text, sent_moments text, configuration bigint,
    OUT audit_ids bigint[], OUT control_numbers integer[], OUT stale jsonb
)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    keys text[] := edi.column_values(used_keys);
    new_places integer[] := unrecorded::integer[];
    qualifiers text[] := edi.column_values(partner_qualifiers);
    ids text[] := edi.column_values(partner_ids);
    taken integer[];
    told text[];
    gone integer[];
BEGIN
    PERFORM pg_advisory_xact_lock_shared('edi.audit'::regclass::oid::bigint);

    INSERT INTO edi.audit_sent (audit_id, sent_at)
    SELECT id, edi.moment(moment) FROM unnest(sent_ids::bigint[], sent_moments::bigint[]) AS sent (id, moment)
    ON CONFLICT DO NOTHING;

    -- In the order of the partners, so that two who write to the same wait for each other and never in a ring.
    -- A block is never torn: where it would pass 999999999, it begins with 1.
    WITH wanted AS (
        SELECT * FROM unnest(qualifiers, ids, partner_needs::integer[]) WITH ORDINALITY
            AS partner (qualifier, id, numbers, place)
        WHERE numbers IS NOT NULL
    ), counted AS (
        INSERT INTO edi.control_number AS held (qualifier, id, last)
        SELECT qualifier, id, numbers FROM wanted WHERE numbers > 0 ORDER BY qualifier, id
        ON CONFLICT (qualifier, id) DO UPDATE SET last = CASE
            WHEN held.last + excluded.last > 999999999 THEN excluded.last ELSE held.last + excluded.last
        END
        RETURNING qualifier, id, last
    )
    SELECT array_agg(last - numbers ORDER BY place) INTO taken FROM wanted LEFT JOIN counted USING (qualifier, id);

    WITH fact AS (
        SELECT used.place, used.key, used.version AS used_version, current.fact_id,
            coalesce(current.version, 0) AS version
        FROM unnest(keys, used_versions::bigint[]) WITH ORDINALITY AS used (key, version, place)
        LEFT JOIN edi.fact_version AS current ON current.key = used.key
        WHERE used.version IS NOT NULL
    ), named AS (
        INSERT INTO edi.fact_document (fact_id, version, document)
        SELECT fact_id, version, edi.document(key)
        FROM fact
        WHERE place = ANY (new_places) AND used_version = version AND version > 0 AND NOT EXISTS (
            SELECT FROM edi.fact_document AS held WHERE (held.fact_id, held.version) = (fact.fact_id, fact.version)
        )
        ORDER BY fact_id ON CONFLICT DO NOTHING
    )
    SELECT
        array_agg(
            format('["%s",%s,%s]', split_part(key, '/', 1), coalesce(fact_id::text, 'null'), version) ORDER BY place
        ),
        array_agg(place::integer) FILTER (WHERE used_version <> version)
    INTO told, gone FROM fact;

    WITH taken_apart AS MATERIALIZED (
        SELECT string_to_array(entry, chr(31)) AS field, place
        FROM unnest(string_to_array(entries, chr(30))) WITH ORDINALITY AS entry (entry, place)
    ), entry AS (
        SELECT
            place, field[1] AS submitter_id, field[2] AS isa06, field[3] AS isa08, field[4] AS gs02, field[5] AS gs03,
            field[6] AS mode, field[7] AS transaction, field[8] AS outcome,
            qualifiers[partner] AS partner_qualifier, ids[partner] AS partner_id, needed,
            CASE WHEN needed > 0 THEN taken[partner] + field[11]::integer + 1 END AS control_number,
            field[12] AS isa13, field[13] AS gs06, field[14] AS st02, field[15] AS bht03, field[16] AS trn02,
            field[17] AS answer_trace, edi.moment(field[18]::bigint) AS received_at,
            substr(payloads, field[19]::integer, field[20]::integer) AS payload,
            substr(digests, (place::integer - 1) * 64 + 1, 32) AS payload_sha256,
            substr(digests, (place::integer - 1) * 64 + 33, 32) AS answer_sha256,
            field[21]::jsonb AS stages, facts, facts && gone IS TRUE AS is_stale
        FROM taken_apart, LATERAL (
            SELECT field[9]::integer AS partner, field[10]::integer AS needed, field[22]::integer[] AS facts
        ) AS told
    ), numbered AS (
        SELECT *, CASE WHEN NOT is_stale THEN nextval('edi.audit_audit_id_seq') END AS audit_id FROM entry
    ), recorded AS (
        INSERT INTO edi.audit (
            audit_id, submitter_id, received_at, isa06, isa08, isa13, gs02, gs03, gs06, st02, bht03, trn02,
            payload_bytes, payload_sha256, mode, transaction, outcome, answer_trace, stages, facts,
            partner_qualifier, partner_id, control_number, control_numbers
        )
        SELECT
            audit_id, submitter_id, received_at, isa06, isa08, isa13, gs02, gs03, gs06, st02, bht03, trn02,
            length(payload), payload_sha256, mode, transaction, outcome, answer_trace, stages,
            (SELECT coalesce('[' || string_agg(told[each], ',') || ']', '[]') FROM unnest(facts) AS each)::jsonb,
            partner_qualifier, partner_id, control_number, needed
        FROM numbered WHERE NOT is_stale
    ), kept AS (
        INSERT INTO edi.kept_inquiry (
            audit_id, submitter_id, trace, control_number, configuration_id, payload, answer_sha256
        )
        SELECT
            audit_id, submitter_id, answer_trace, control_number, configuration,
            payload, answer_sha256
        FROM numbered WHERE NOT is_stale
    )
    SELECT
        array_agg(audit_id ORDER BY place),
        array_agg(CASE WHEN NOT is_stale THEN control_number END ORDER BY place),
        jsonb_object_agg(
            place, ARRAY(SELECT keys[each] FROM unnest(facts) AS each WHERE each = ANY (gone))
        ) FILTER (WHERE is_stale)
    INTO audit_ids, control_numbers, stale FROM numbered;
END
$$;


-- What only grows and is found by its unique number needs no statistics of its columns, and to gather those of a wide
-- table takes a second or more, during which answers wait for the processor. Vacuum still comes.
ALTER TABLE edi.audit SET (autovacuum_analyze_threshold = 2000000000);
ALTER TABLE edi.audit_sent SET (autovacuum_analyze_threshold = 2000000000);
ALTER TABLE edi.kept_inquiry ALTER COLUMN payload SET STATISTICS 0, ALTER COLUMN answer_sha256 SET STATISTICS 0;
