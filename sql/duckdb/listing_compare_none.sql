-- The listing where there is no ledger yet: everything is new.
-- Safe to repeat: reads only.
-- Fragments: none
-- Parameters: none
SELECT DISTINCT ON (modified, key, drop_id)
    drop_id, key, version, size_bytes, modified, NULL, NULL, NULL, 0, 0, NULL, false
FROM listed
ORDER BY modified, key, drop_id;
