-- Keep which rows of drops went because they are too old.
-- Safe to repeat: within the transaction that removes the rows.
-- Fragments: expired
-- Parameters: run_id, now
INSERT INTO {{ expired }}
SELECT drop_id, min(row_no), max(row_no), :run_id, :now
FROM (
    SELECT drop_id, row_no, row_no - row_number() OVER (PARTITION BY drop_id ORDER BY row_no) AS island
    FROM (SELECT DISTINCT drop_id, row_no FROM leaving_rows WHERE fate <> 'noted')
) AS rows_apart
GROUP BY drop_id, island;
