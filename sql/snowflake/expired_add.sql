-- Keep which rows of drops are too old, of those that never became a row of the engine.
-- Rows: drop_id, row_no
-- Safe to repeat: what was kept of the same drops is forgotten first.
-- Fragments: expired
-- Parameters: rows, run_id, now
INSERT INTO {{ expired }}
SELECT drop_id, min(row_no), max(row_no), :run_id, :now::TIMESTAMP_NTZ
FROM (
    SELECT drop_id, row_no, row_no - row_number() OVER (PARTITION BY drop_id ORDER BY row_no) AS island
    FROM (
        SELECT l.value:drop_id::VARCHAR AS drop_id, l.value:row_no::NUMBER(38, 0) AS row_no
        FROM table(flatten(INPUT => parse_json(:rows))) AS l
    )
) AS rows_apart
GROUP BY drop_id, island;
