-- Move the counts of the drops whose rows were retried from what these were to what they are.
-- Safe to repeat: within the transaction that notes the rows as retried.
-- Fragments: drops
-- Parameters: none
UPDATE {{ drops }} AS d
SET
    rows_inserted = d.rows_inserted + r.inserted,
    rows_updated = d.rows_updated + r.updated,
    rows_identical = d.rows_identical + r.identical,
    rows_superseded = d.rows_superseded + r.superseded,
    rows_conflicting = d.rows_conflicting + r.conflicting - r.conflicts,
    rows_quarantined = d.rows_quarantined - r.faults
FROM (
    SELECT
        drop_id,
        count_if(fate = 'inserted') AS inserted,
        count_if(fate = 'updated') AS updated,
        count_if(fate = 'identical') AS identical,
        count_if(fate = 'superseded') AS superseded,
        count_if(fate = 'conflicting') AS conflicting,
        count_if(fate_before = 'conflicting') AS conflicts,
        count_if(fate_before = 'quarantined') AS faults
    FROM retried_rows
    GROUP BY drop_id
) AS r
WHERE d.drop_id = r.drop_id;
