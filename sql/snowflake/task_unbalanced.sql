-- How many drops do not account for every row that was read of them; and one more if the tables took another number of
-- rows than the drops say.
-- Safe to repeat: reads only.
-- Fragments: drops, table
-- Parameters: run_id, put_in
SELECT
    count_if(
        l.drop_id IS NULL
        OR l.rows_parsed <> r.row_count
        OR l.rows_parsed <> l.rows_inserted + l.rows_identical
    )
    + CASE WHEN coalesce(sum(l.rows_inserted), 0) = :put_in THEN 0 ELSE 1 END
FROM (SELECT drop_id, count(*) AS row_count FROM {{ table }} GROUP BY drop_id) AS r
LEFT JOIN (SELECT * FROM {{ drops }} WHERE run_id = :run_id) AS l ON r.drop_id = l.drop_id;
