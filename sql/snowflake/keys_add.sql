-- Remember keys that values are going to be hashed with: each as later than those before, whatever the clock says.
-- Rows: key_id, fingerprint
-- Safe to repeat: a key id is put in once.
-- Fragments: table
-- Parameters: rows, now
MERGE INTO {{ table }} AS t
USING (
    SELECT
        n.value:key_id::VARCHAR AS key_id,
        n.value:fingerprint::VARCHAR AS fingerprint,
        greatest(:now::TIMESTAMP_NTZ, coalesce(l.next_at, :now::TIMESTAMP_NTZ)) AS first_used_at
    FROM table(flatten(INPUT => parse_json(:rows))) AS n
    CROSS JOIN (SELECT dateadd('microsecond', 1, max(first_used_at)) AS next_at FROM {{ table }}) AS l
) AS s
    ON t.key_id = s.key_id
WHEN NOT MATCHED THEN
    INSERT (key_id, fingerprint, first_used_at)
    VALUES (s.key_id, s.fingerprint, s.first_used_at);
