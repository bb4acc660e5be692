-- Add drops to a listing, many at once; those that are done with stay out if only new ones are wanted.
-- The ledger streams by a hash table of the drops added, so that memory does not follow the ledger.
-- Rows: drop_id, key, version, size_bytes, modified
-- Safe to repeat: touches only a temporary table; a drop listed twice counts once when it is ranked.
-- Fragments: listed, drops
-- Parameters: rows, new_only
INSERT INTO {{ listed }}
SELECT
    n.value:drop_id::VARCHAR,
    n.value:key::VARCHAR,
    n.value:version::VARCHAR,
    n.value:size_bytes::NUMBER(38, 0),
    n.value:modified::TIMESTAMP_NTZ
FROM table(flatten(INPUT => parse_json(:rows))) AS n
LEFT JOIN (
    SELECT drop_id
    FROM {{ drops }}
    WHERE :new_only AND state IN ('loaded', 'quarantined', 'adopted')
) AS done ON n.value:drop_id::VARCHAR = done.drop_id
WHERE done.drop_id IS NULL;
