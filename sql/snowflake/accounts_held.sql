-- What is, or was, set aside of drops, as accounts, as long as the drop itself was not taken out.
-- Safe to repeat: reads only.
-- Fragments: quarantine
-- Parameters: drop_id
SELECT
    drop_id, row_no, 'quarantine', NULL, NULL, NULL, NULL, event_type, schema_version,
    reason, field, state, md5(raw), id
FROM {{ quarantine }}
WHERE
    drop_id IN (SELECT l.value::VARCHAR FROM table(flatten(INPUT => parse_json(:drop_id))) AS l)
    AND state <> 'undone';
