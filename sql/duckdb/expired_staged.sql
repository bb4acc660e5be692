-- Keep of the batch which rows of its drops are too old.
-- Safe to repeat: what was kept of the same drops is forgotten first.
-- Fragments: expired
-- Parameters: drop_no, drop_id, run_id, now
INSERT INTO {{ expired }}
SELECT drop_id, min(row_no), max(row_no), :run_id, :now
FROM (
    SELECT drop_id, row_no, row_no - row_number() OVER (PARTITION BY drop_id ORDER BY row_no) AS island
    FROM (
        SELECT d.drop_id, f.row_no
        FROM staged_faults AS f
        INNER JOIN (
            SELECT unnest(:drop_no::INTEGER[]) AS drop_no, unnest(:drop_id::VARCHAR[]) AS drop_id
        ) AS d ON f.drop_no = d.drop_no
        WHERE f.reason = 'expired'
    )
) AS rows_apart
GROUP BY drop_id, island;
