-- The rows of drops that are or were set aside, by drop.
-- Safe to repeat: reads only.
-- Fragments: none
-- Parameters: none
SELECT drop_id, list(row_no ORDER BY row_no)
FROM audit_accounts
WHERE place = 'quarantine' AND row_no IS NOT NULL
GROUP BY drop_id
ORDER BY drop_id;
