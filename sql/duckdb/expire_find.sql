-- Note some events of a table that are too old: by the time at which they happened, else by that at which their drop
-- was delivered. One that another source delivered too goes only when it is too old for that one as well.
-- Safe to repeat: within the transaction that removes the events.
-- Fragments: table, drops, duplicates, event_time
-- Parameters: table_name, event_type, most_rows
INSERT INTO leaving_rows (table_name, event_key, drop_id, row_no, fate)
SELECT :table_name, t."_key", t."_drop_id", t."_row", 'inserted'
FROM {{ table }} AS t
INNER JOIN {{ drops }} AS d ON t."_drop_id" = d.drop_id
INNER JOIN expire_limits AS e ON d.source = e.source AND e.event_type = :event_type AND e.chosen
LEFT JOIN (
    SELECT
        u.event_key,
        min(coalesce(k.kept_from, TIMESTAMP '0001-01-01 00:00:00')) AS kept_from,
        max(CASE WHEN o.modified >= k.kept_from OR k.kept_from IS NULL THEN 1 ELSE 0 END) AS is_young
    FROM {{ duplicates }} AS u
    INNER JOIN {{ drops }} AS o ON u.drop_id = o.drop_id
    LEFT JOIN expire_limits AS k ON o.source = k.source AND k.event_type = :event_type
    WHERE u.table_name = :table_name AND u.fate <> 'conflicting'
    GROUP BY u.event_key
) AS c ON t."_key" = c.event_key
WHERE
    coalesce({{ event_time }}, d.modified) < e.kept_from
    AND (
        c.event_key IS NULL
        OR CASE WHEN {{ event_time }} IS NULL THEN c.is_young = 0 ELSE {{ event_time }} < c.kept_from END
    )
LIMIT :most_rows;
