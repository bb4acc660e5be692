-- Remember keys that values are going to be hashed with.
-- Rows: key_id, fingerprint
-- Safe to repeat: a key id is put in once.
-- Fragments: table
-- Parameters: rows, now
MERGE INTO {{ table }} AS t
USING (
    SELECT n.value:key_id::VARCHAR AS key_id, n.value:fingerprint::VARCHAR AS fingerprint
    FROM table(flatten(INPUT => parse_json(:rows))) AS n
) AS s
    ON t.key_id = s.key_id
WHEN NOT MATCHED THEN
    INSERT (key_id, fingerprint, first_used_at)
    VALUES (s.key_id, s.fingerprint, :now::TIMESTAMP_NTZ);
