-- Reviews that wait are listed by when something is due of them, the most urgent in front. That follows from the rules
-- and the calendar, which are not known here: whoever lists them, or watches the clocks, works it out and notes it here.

ALTER TABLE edi.waiting_review ADD COLUMN due_at timestamptz NOT NULL DEFAULT 'epoch';

COMMENT ON COLUMN edi.waiting_review.due_at IS
    'When the payer next has to do something; the epoch, and so in front, where that is to be worked out.';

CREATE INDEX waiting_review_due ON edi.waiting_review (due_at, review_id);

-- As before; with each decision or document what is due has to be worked out again.
CREATE OR REPLACE FUNCTION edi.waiting_changed() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM edi.waiting_review AS waiting USING changed
    WHERE waiting.review_id = changed.review_id AND kind IN ('decision', 'cancelled')
        AND NOT edi.review_waits(changed.review_id);
    UPDATE edi.waiting_review AS waiting SET due_at = 'epoch' FROM changed
    WHERE waiting.review_id = changed.review_id AND kind IN ('decision', 'document');
    INSERT INTO edi.waiting_review (review_id)
    SELECT DISTINCT review_id FROM changed WHERE kind = 'decision' AND edi.review_waits(review_id)
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;
