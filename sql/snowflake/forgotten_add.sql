-- Remember who was forgotten.
-- Rows: pii, identifier, key_id, salt, removed, run_id, forgotten_at
-- Safe to repeat: commits together with the removal of their rows, or not at all.
-- Fragments: table
-- Parameters: rows
INSERT INTO {{ table }}
SELECT
    n.value:pii::VARCHAR,
    n.value:identifier::VARCHAR,
    n.value:key_id::VARCHAR,
    n.value:salt::VARCHAR,
    n.value:removed::VARCHAR,
    n.value:run_id::VARCHAR,
    n.value:forgotten_at::TIMESTAMP_NTZ
FROM table(flatten(INPUT => parse_json(:rows))) AS n;
