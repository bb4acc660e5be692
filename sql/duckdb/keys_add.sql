-- Remember keys that values are going to be hashed with: each as later than those before, whatever the clock says.
-- Safe to repeat: a key id is put in once.
-- Fragments: table
-- Parameters: key_id, fingerprint, now
INSERT INTO {{ table }}
SELECT
    n.key_id,
    n.fingerprint,
    greatest(:now, (SELECT max(first_used_at) + INTERVAL 1 MICROSECOND FROM {{ table }}))
FROM (
    SELECT
        unnest(:key_id::VARCHAR[]) AS key_id,
        unnest(:fingerprint::VARCHAR[]) AS fingerprint
) AS n
WHERE n.key_id NOT IN (SELECT key_id FROM {{ table }});
