-- The record of reviews holds against everybody, a reply is repeated as it first left, and requests of a batch that came
-- while their function was closed wait until it opens.

-- A trigger that is always enabled fires for replication's sessions too, for which the usual ones do not.
ALTER TABLE edi.review ENABLE ALWAYS TRIGGER only_grows;
ALTER TABLE edi.review_event ENABLE ALWAYS TRIGGER only_grows;

ALTER TABLE edi.review_event
    ADD CONSTRAINT message_says_something CHECK (kind <> 'message' OR coalesce(document ->> 'text', '') <> '');

ALTER TYPE edi.review_step ADD ATTRIBUTE note jsonb;

-- What a step of the history tells besides kind, maker and moment.
CREATE FUNCTION edi.review_note(kind text, document jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE AS $$ SELECT CASE WHEN kind IN ('message', 'document') THEN document END $$;

COMMENT ON COLUMN edi.review_event.document IS
    'Of a decision: action, number, the segments that are sent, and the whole answer as typed values. Of a document: '
    'where it is found (reference, control number, LOINC code) and the day on which it came. Of a message: text, and '
    'whether the submitter may see it.';


-- Control numbers and times of an envelope differ each time an answer is written. Whoever sends the very same bytes again
-- for want of a reply gets the very same reply, as long as the review says the same.
CREATE TABLE edi.review_reply (
    submitter_id text NOT NULL,
    payload_sha256 bytea NOT NULL CHECK (length(payload_sha256) = 32),
    answer_sha256 bytea NOT NULL CHECK (length(answer_sha256) = 32),
    body bytea NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (submitter_id, payload_sha256, answer_sha256)
);

COMMENT ON COLUMN edi.review_reply.answer_sha256 IS 'As in edi.kept_inquiry: of the answer without its envelope.';

CREATE TRIGGER only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON edi.review_reply EXECUTE FUNCTION edi.refuse();

-- The reply that was first written to these bytes: this one, if there was none.
CREATE FUNCTION edi.first_reply(asked_by text, asked_sha256 bytea, told_sha256 bytea, written bytea) RETURNS bytea
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO edi.review_reply (submitter_id, payload_sha256, answer_sha256, body)
    VALUES (asked_by, asked_sha256, told_sha256, written) ON CONFLICT DO NOTHING;
    RETURN (
        SELECT body FROM edi.review_reply
        WHERE (submitter_id, payload_sha256, answer_sha256) = (asked_by, asked_sha256, told_sha256)
    );
END
$$;


-- Requests of a batch that are held until their function opens. What came, each attempt to answer it and the answer are
-- appended; only the list of what waits shrinks, in the transaction that brings the answer.
CREATE TABLE edi.held_request (
    held_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    submitter_id text NOT NULL,
    reference text NOT NULL CHECK (reference <> ''),
    credential_key text NOT NULL,
    received_at timestamptz NOT NULL,
    payload bytea NOT NULL,
    payload_sha256 bytea NOT NULL CHECK (length(payload_sha256) = 32),
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE (submitter_id, reference)
);

COMMENT ON COLUMN edi.held_request.reference IS 'By which the batch knows the request: the same again is held once.';
COMMENT ON COLUMN edi.held_request.credential_key IS 'Of the fact (edi.fact_version) that said who asks.';

CREATE INDEX held_request_payload ON edi.held_request (submitter_id, payload_sha256);

CREATE TABLE edi.held_waiting (
    held_id bigint PRIMARY KEY REFERENCES edi.held_request,
    opens_at timestamptz NOT NULL
);

CREATE INDEX held_waiting_opens ON edi.held_waiting (opens_at, held_id);

CREATE TABLE edi.held_release (
    release_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    held_id bigint NOT NULL REFERENCES edi.held_request,
    released_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

COMMENT ON TABLE edi.held_release IS 'Attempts to answer. An answer is as of the moment of release, its receipt is when it came.';

CREATE INDEX held_release_held ON edi.held_release (held_id, release_id);

CREATE TABLE edi.held_answer (
    held_id bigint PRIMARY KEY REFERENCES edi.held_request,
    outcome text NOT NULL,
    body bytea NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE TRIGGER only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON edi.held_request EXECUTE FUNCTION edi.refuse();
CREATE TRIGGER only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON edi.held_release EXECUTE FUNCTION edi.refuse();
CREATE TRIGGER only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON edi.held_answer EXECUTE FUNCTION edi.refuse();

-- Hold a request, or find it held under its reference; gives its id, null where another is held under that.
CREATE FUNCTION edi.hold_request(
    asked_by text, asked_reference text, asked_credential text, asked_at timestamptz, asked bytea, asked_opens timestamptz
) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    new_id bigint;
BEGIN
    INSERT INTO edi.held_request (submitter_id, reference, credential_key, received_at, payload, payload_sha256)
    VALUES (asked_by, asked_reference, asked_credential, asked_at, asked, sha256(asked))
    ON CONFLICT DO NOTHING RETURNING held_id INTO new_id;
    IF new_id IS NOT NULL THEN
        INSERT INTO edi.held_waiting (held_id, opens_at) VALUES (new_id, asked_opens);
        RETURN new_id;
    END IF;
    RETURN (
        SELECT held_id FROM edi.held_request
        WHERE (submitter_id, reference, payload_sha256) = (asked_by, asked_reference, sha256(asked))
    );
END
$$;

-- Keep the answer to a held request, which waits no more. The first answer stays.
CREATE FUNCTION edi.answer_held(answered_id bigint, told_outcome text, told bytea) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO edi.held_answer (held_id, outcome, body) VALUES (answered_id, told_outcome, told) ON CONFLICT DO NOTHING;
    DELETE FROM edi.held_waiting WHERE held_id = answered_id;
END
$$;
