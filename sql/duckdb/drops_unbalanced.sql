-- The drops that do not account for every row.
-- Safe to repeat: reads only.
-- Fragments: drops
-- Parameters: none
SELECT key
FROM {{ drops }}
WHERE
    rows_parsed
    <> rows_inserted + rows_updated + rows_identical + rows_superseded + rows_conflicting + rows_quarantined
    + coalesce(rows_expired, 0)
    OR least(rows_inserted, rows_identical, rows_conflicting, rows_quarantined, coalesce(rows_expired, 0)) < 0;
