-- What happened to a review, without what was said.
CREATE TYPE edi.review_step AS (kind text, made_by text, recorded_at timestamptz);

CREATE INDEX review_waiting ON edi.review_event (review_id) WHERE kind = 'decision' AND document ->> 'action' = 'A4';
