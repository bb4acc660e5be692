-- Rows of the ledger, oldest drop first, each with the id of a later version of its key if there is one.
-- Safe to repeat: reads only.
-- Fragments: drops
-- Parameters: part, source, run_id, since, until, drop_ids, first, at_most
SELECT
    d.source, d.key, d.version, d.size_bytes, d.modified,
    d.state, d.attempts,
    d.rows_parsed, d.rows_inserted, d.rows_updated, d.rows_identical, d.rows_superseded, d.rows_conflicting,
    d.rows_quarantined, coalesce(d.rows_expired, 0),
    d.error, d.message, d.run_id, d.first_seen_at, d.finished_at,
    n.drop_id AS newer,
    d.drop_id
FROM {{ drops }} AS d
LEFT JOIN (
    SELECT drop_id, source, key
    FROM {{ drops }}
    QUALIFY row_number() OVER (PARTITION BY source, key ORDER BY modified DESC, first_seen_at DESC, drop_id ASC) = 1
) AS n
    ON d.source = n.source AND d.key = n.key AND d.drop_id <> n.drop_id
WHERE
    (:part IS NULL OR d.drop_id = :part OR contains(d.key, :part))
    AND (:source IS NULL OR d.source = :source)
    AND (:run_id IS NULL OR d.run_id = :run_id)
    AND (:since IS NULL OR d.modified >= :since::TIMESTAMP_NTZ)
    AND (:until IS NULL OR d.modified < :until::TIMESTAMP_NTZ)
    AND (:drop_ids IS NULL OR d.drop_id IN (
        SELECT l.value::VARCHAR FROM table(flatten(INPUT => parse_json(:drop_ids))) AS l
    ))
QUALIFY
    row_number() OVER (
        ORDER BY coalesce(:part IN (d.drop_id, d.key), false) DESC, d.modified ASC, d.key ASC, d.drop_id ASC
    ) > :first
    AND (
        :at_most IS NULL
        OR row_number() OVER (
            ORDER BY coalesce(:part IN (d.drop_id, d.key), false) DESC, d.modified ASC, d.key ASC, d.drop_id ASC
        ) <= :first + :at_most
    )
ORDER BY
    coalesce(:part IN (d.drop_id, d.key), false) DESC,
    d.modified ASC,
    d.key ASC,
    d.drop_id ASC;
