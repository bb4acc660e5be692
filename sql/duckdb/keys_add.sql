-- Remember keys that values are going to be hashed with.
-- Safe to repeat: a key id is put in once.
-- Fragments: table
-- Parameters: key_id, fingerprint, now
INSERT INTO {{ table }}
SELECT n.key_id, n.fingerprint, :now
FROM (
    SELECT
        unnest(:key_id::VARCHAR[]) AS key_id,
        unnest(:fingerprint::VARCHAR[]) AS fingerprint
) AS n
WHERE n.key_id NOT IN (SELECT key_id FROM {{ table }});
