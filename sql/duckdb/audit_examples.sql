-- The first differences that were found.
-- Safe to repeat: reads only.
-- Fragments: none
-- Parameters: at_most
SELECT kind, drop_id, row_no, what, written, found
FROM audit_found
ORDER BY drop_id, row_no NULLS FIRST, kind, what
LIMIT :at_most;
