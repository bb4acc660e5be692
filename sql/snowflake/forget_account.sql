-- Have the quarantine account for the rows that went, without what they said.
-- Safe to repeat: the id follows from drop, row and reason, and is put in once.
-- Fragments: quarantine
-- Parameters: message, run_id, now
INSERT INTO {{ quarantine }}
SELECT
    f.id, f.drop_id, f.row_no, NULL, NULL, f.event_type, f.schema_version, 'forgotten', NULL, :message, '', NULL,
    :run_id, :now::TIMESTAMP_NTZ, 'removed', :now::TIMESTAMP_NTZ
FROM (
    SELECT DISTINCT
        md5(f.drop_id || ':' || f.row_no::VARCHAR || ':' || 'forgotten') AS id,
        f.drop_id, f.row_no, f.event_type, f.schema_version
    FROM leaving_rows AS f
) AS f
WHERE f.id NOT IN (SELECT id FROM {{ quarantine }});
