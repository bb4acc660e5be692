-- Note on what was set aside of drops that these were taken out.
-- Safe to repeat: the state stays.
-- Fragments: quarantine
-- Parameters: drop_id, now
UPDATE {{ quarantine }}
SET state = 'undone', changed_at = :now::TIMESTAMP_NTZ
WHERE drop_id IN (
    SELECT l.value::VARCHAR FROM table(flatten(INPUT => parse_json(:drop_id))) AS l
) AND state <> 'undone';
