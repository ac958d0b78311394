-- What was asked is kept beside the audit because it says whom an inquiry was about. Once it has been kept for as long as
-- the payer wants, it may be given up: the audit's record stays, and the row by which that is found.

ALTER TABLE edi.kept_inquiry ALTER COLUMN payload DROP NOT NULL;

COMMENT ON COLUMN edi.kept_inquiry.payload IS 'What came; NULL: it is not kept any more.';

DROP TRIGGER only_grows ON edi.kept_inquiry;
CREATE TRIGGER never_removed BEFORE DELETE OR TRUNCATE ON edi.kept_inquiry EXECUTE FUNCTION edi.refuse();
CREATE TRIGGER only_grows BEFORE UPDATE ON edi.kept_inquiry FOR EACH ROW
    WHEN (
        NEW.payload IS NOT NULL
        OR (NEW.audit_id, NEW.submitter_id, NEW.trace, NEW.control_number, NEW.configuration_id, NEW.answer_sha256)
            IS DISTINCT FROM
            (OLD.audit_id, OLD.submitter_id, OLD.trace, OLD.control_number, OLD.configuration_id, OLD.answer_sha256)
    )
    EXECUTE FUNCTION edi.refuse();


-- A fact at a version that has passed is given up when no inquiry that is kept was answered by it. The present version
-- stays, because an answer may be recorded by it at any time without its document being written again.

CREATE FUNCTION edi.refuse_present_version() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM edi.fact_version WHERE (fact_id, version) = (OLD.fact_id, OLD.version)) THEN
        RAISE EXCEPTION '% of a present fact is refused', TG_OP USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN OLD;
END
$$;

DROP TRIGGER only_grows ON edi.fact_document;
CREATE TRIGGER only_grows BEFORE UPDATE OR TRUNCATE ON edi.fact_document EXECUTE FUNCTION edi.refuse();
CREATE TRIGGER only_past_removed BEFORE DELETE ON edi.fact_document FOR EACH ROW
    EXECUTE FUNCTION edi.refuse_present_version();
