-- Who asks: submitters and their keys, providers, and what provider groups have entitled submitters to.

CREATE TABLE edi.submitter (
    submitter_id text PRIMARY KEY CHECK (submitter_id <> '' AND submitter_id NOT LIKE '%/%'),
    name text NOT NULL,
    interchange_qualifier text NOT NULL CHECK (length(interchange_qualifier) = 2),
    interchange_id text NOT NULL CHECK (length(interchange_id) BETWEEN 1 AND 15),
    status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'suspended')),
    UNIQUE (interchange_qualifier, interchange_id)
);

-- Only a key's SHA-256 is here. A key is 256 random bits, so nobody finds it from its hash.
CREATE TABLE edi.api_key (
    key_hash bytea PRIMARY KEY CHECK (length(key_hash) = 32),
    submitter_id text NOT NULL REFERENCES edi.submitter,
    prefix text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    revoked_at timestamptz CHECK (revoked_at >= created_at),
    fact_key text NOT NULL GENERATED ALWAYS AS ('credential/' || encode(key_hash, 'hex')) STORED UNIQUE
);

COMMENT ON COLUMN edi.api_key.prefix IS 'The first characters, by which people tell keys apart.';

CREATE INDEX api_key_submitter ON edi.api_key (submitter_id);

CREATE TABLE edi.provider (
    provider_id text PRIMARY KEY,
    name text NOT NULL,
    may_inquire boolean NOT NULL DEFAULT true
);

CREATE TABLE edi.provider_identifier (
    qualifier text NOT NULL CHECK (qualifier <> '' AND qualifier NOT LIKE '%/%'),
    identifier text NOT NULL CHECK (identifier <> ''),
    provider_id text NOT NULL REFERENCES edi.provider ON DELETE CASCADE,
    fact_key text NOT NULL GENERATED ALWAYS AS ('provider/' || qualifier || '/' || identifier) STORED UNIQUE,
    PRIMARY KEY (qualifier, identifier)
);

CREATE INDEX provider_identifier_provider ON edi.provider_identifier (provider_id);

CREATE TABLE edi.provider_tin (
    provider_id text NOT NULL REFERENCES edi.provider ON DELETE CASCADE,
    tin text NOT NULL CHECK (tin ~ '^[0-9]{9}$'),
    PRIMARY KEY (provider_id, tin)
);

-- A revoked entitlement stays on record and counts for nothing from the moment of the commit, whatever clocks say.
CREATE TABLE edi.entitlement (
    entitlement_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    submitter_id text NOT NULL REFERENCES edi.submitter,
    tin text NOT NULL CHECK (tin ~ '^[0-9]{9}$'),
    function text NOT NULL CHECK (
        function IN ('eligibility', 'claim status', 'precertification', 'claim procedures', 'cost estimates')
    ),
    valid tstzrange NOT NULL CHECK (NOT isempty(valid) AND NOT lower_inf(valid) AND lower_inc(valid) AND NOT upper_inc(valid)),
    granted_by text NOT NULL,
    granted_at timestamptz NOT NULL DEFAULT now(),
    revoked_by text,
    revoked_at timestamptz,
    fact_key text NOT NULL GENERATED ALWAYS AS ('entitlement/' || submitter_id || '/' || tin) STORED,
    CONSTRAINT revoked_by_somebody CHECK ((revoked_by IS NULL) = (revoked_at IS NULL)),
    CONSTRAINT granted_once EXCLUDE USING gist (
        submitter_id WITH =, tin WITH =, function WITH =, valid WITH &&
    ) WHERE (revoked_at IS NULL)
);

CREATE INDEX entitlement_fact ON edi.entitlement (fact_key) WHERE revoked_at IS NULL;


CREATE FUNCTION edi.submitters_changed() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM edi.facts_changed(
        ARRAY(SELECT fact_key FROM edi.api_key WHERE submitter_id IN (SELECT submitter_id FROM changed))
    );
    RETURN NULL;
END
$$;

-- Of providers, and of their identifiers and TINs: each look-up of a provider gives all of it. The
-- providers are locked for the reason that edi.rows_changed gives.
CREATE FUNCTION edi.providers_changed() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    providers text[] := ARRAY(SELECT provider_id FROM changed);
BEGIN
    IF TG_OP = 'UPDATE' THEN
        providers := providers || ARRAY(SELECT provider_id FROM former);
    END IF;
    PERFORM FROM edi.provider WHERE provider_id = ANY (providers) ORDER BY provider_id FOR NO KEY UPDATE;
    PERFORM edi.facts_changed(
        ARRAY(SELECT fact_key FROM edi.provider_identifier WHERE provider_id = ANY (providers))
    );
    RETURN NULL;
END
$$;

-- An identifier that goes names its own fact, which is found no more; the provider's others tell of one less.
CREATE FUNCTION edi.identifiers_changed() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    providers text[] := ARRAY(SELECT provider_id FROM changed);
    gone text[] := '{}';
BEGIN
    IF TG_OP = 'UPDATE' THEN
        providers := providers || ARRAY(SELECT provider_id FROM former);
        gone := ARRAY(SELECT fact_key FROM former);
    ELSIF TG_OP = 'DELETE' THEN
        gone := ARRAY(SELECT fact_key FROM changed);
    END IF;
    PERFORM FROM edi.provider WHERE provider_id = ANY (providers) ORDER BY provider_id FOR NO KEY UPDATE;
    PERFORM edi.facts_changed(
        gone || ARRAY(SELECT fact_key FROM edi.provider_identifier WHERE provider_id = ANY (providers))
    );
    RETURN NULL;
END
$$;

CALL edi.watch('edi.submitter', 'edi.submitters_changed');
CALL edi.watch('edi.api_key', 'edi.rows_changed',
    'SELECT FROM edi.submitter WHERE submitter_id IN (SELECT submitter_id FROM changed)
    ORDER BY submitter_id FOR NO KEY UPDATE');
CALL edi.watch('edi.provider', 'edi.providers_changed');
CALL edi.watch('edi.provider_identifier', 'edi.identifiers_changed');
CALL edi.watch('edi.provider_tin', 'edi.providers_changed');
CALL edi.watch('edi.entitlement', 'edi.rows_changed');
