-- Counts of the ledger that are not what is there. Inserted and updated rows
-- stand in the tables alike, or among the duplicates if a newer one replaced them since.
-- Safe to repeat: touches only a temporary table.
-- Fragments: none
-- Parameters: none
INSERT INTO audit_found
SELECT 'count', drop_id, NULL, name, written::VARCHAR, found::VARCHAR
FROM (
    SELECT
        d.drop_id,
        unnest([
            'rows_parsed', 'rows_inserted + rows_updated', 'rows_identical', 'rows_superseded', 'rows_conflicting',
            'rows_quarantined', 'rows_expired'
        ]) AS name,
        unnest([
            d.parsed, d.inserted + d.updated, d.identical, d.superseded, d.conflicting, d.quarantined, d.expired
        ]) AS written,
        unnest([
            d.rows_there, coalesce(f.inserted, 0), coalesce(f.identical, 0), coalesce(f.superseded, 0),
            coalesce(f.conflicting, 0), coalesce(f.quarantined, 0), coalesce(f.expired, 0)
        ]) AS found
    FROM audit_drops AS d
    LEFT JOIN (
        SELECT
            drop_id,
            count_if(fate IN ('inserted', 'replaced')) AS inserted,
            count_if(fate = 'identical') AS identical,
            count_if(fate = 'superseded') AS superseded,
            count_if(fate = 'conflicting') AS conflicting,
            count_if(fate = 'quarantined') AS quarantined,
            count_if(fate = 'expired') AS expired
        FROM audit_fates
        GROUP BY drop_id
    ) AS f ON d.drop_id = f.drop_id
)
WHERE written <> found;
