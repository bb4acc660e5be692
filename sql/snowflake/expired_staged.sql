-- Keep of the batch which rows of its drops are too old.
-- Rows: drop_no, drop_id
-- Safe to repeat: what was kept of the same drops is forgotten first.
-- Fragments: expired
-- Parameters: rows, run_id, now
INSERT INTO {{ expired }}
SELECT drop_id, min(row_no), max(row_no), :run_id, :now::TIMESTAMP_NTZ
FROM (
    SELECT drop_id, row_no, row_no - row_number() OVER (PARTITION BY drop_id ORDER BY row_no) AS island
    FROM (
        SELECT d.drop_id, f.row_no
        FROM staged_faults AS f
        INNER JOIN (
            SELECT l.value:drop_no::NUMBER(38, 0) AS drop_no, l.value:drop_id::VARCHAR AS drop_id
            FROM table(flatten(INPUT => parse_json(:rows))) AS l
        ) AS d ON f.drop_no = d.drop_no
        WHERE f.reason = 'expired'
    )
) AS rows_apart
GROUP BY drop_id, island;
