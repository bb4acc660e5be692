-- Keep which rows of drops are too old, of those that never became a row of the engine.
-- Safe to repeat: what was kept of the same drops is forgotten first.
-- Fragments: expired
-- Parameters: drop_id, row_no, run_id, now
INSERT INTO {{ expired }}
SELECT drop_id, min(row_no), max(row_no), :run_id, :now
FROM (
    SELECT drop_id, row_no, row_no - row_number() OVER (PARTITION BY drop_id ORDER BY row_no) AS island
    FROM (
        SELECT unnest(:drop_id::VARCHAR[]) AS drop_id, unnest(:row_no::BIGINT[]) AS row_no
    )
) AS rows_apart
GROUP BY drop_id, island;
