-- What the task did, and what it leaves to a run, as JSON: how many drops for which reason, and the first keys.
-- Safe to repeat: reads only.
-- Fragments: drops
-- Parameters: run_id
SELECT
    '{"run_id": "' || :run_id || '", "loaded": ' || l.loaded::VARCHAR || ', "parsed": ' || l.parsed::VARCHAR
    || ', "inserted": ' || l.inserted::VARCHAR || ', "identical": ' || l.identical::VARCHAR
    || ', "left": {' || coalesce(w.reasons, '') || '}, "first": [' || coalesce(f.keys, '') || ']}' AS told
FROM (
    SELECT
        count(*) AS loaded,
        coalesce(sum(rows_parsed), 0)::NUMBER(38, 0) AS parsed,
        coalesce(sum(rows_inserted), 0)::NUMBER(38, 0) AS inserted,
        coalesce(sum(rows_identical), 0)::NUMBER(38, 0) AS identical
    FROM {{ drops }}
    WHERE run_id = :run_id
) AS l
CROSS JOIN (
    SELECT listagg('"' || r.why || '": ' || r.drop_count::VARCHAR, ', ') WITHIN GROUP (ORDER BY r.why) AS reasons
    FROM (SELECT why, count(*) AS drop_count FROM task_drops WHERE why IS NOT NULL GROUP BY why) AS r
) AS w
CROSS JOIN (
    SELECT listagg('"' || k.key || '"', ', ') WITHIN GROUP (ORDER BY k.place) AS keys
    FROM (
        SELECT
            regexp_replace(substr(key, 1, 200), '[^A-Za-z0-9._=/ -]', '?') AS key,
            row_number() OVER (ORDER BY modified, key) AS place
        FROM task_drops
        WHERE why IS NOT NULL
    ) AS k
    WHERE k.place <= 20
) AS f;
