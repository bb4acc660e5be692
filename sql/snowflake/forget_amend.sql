-- Count what went as quarantined. A row of a table was counted as inserted or as updated; where its drop has both,
-- which of them cannot be told, and their sum is what counts.
-- Safe to repeat: within the transaction that removes the rows.
-- Fragments: drops
-- Parameters: none
UPDATE {{ drops }} AS d
SET
    rows_inserted = d.rows_inserted - least(f.standing, d.rows_inserted),
    rows_updated = d.rows_updated - greatest(f.standing - d.rows_inserted, 0),
    rows_identical = d.rows_identical - f.identical,
    rows_superseded = d.rows_superseded - f.superseded,
    rows_conflicting = d.rows_conflicting - f.conflicting,
    rows_quarantined = d.rows_quarantined + f.standing + f.identical + f.superseded + f.conflicting
FROM (
    SELECT
        drop_id,
        count_if(fate IN ('inserted', 'replaced')) AS standing,
        count_if(fate = 'identical') AS identical,
        count_if(fate = 'superseded') AS superseded,
        count_if(fate = 'conflicting') AS conflicting
    FROM leaving_rows
    GROUP BY drop_id
) AS f
WHERE d.drop_id = f.drop_id;
