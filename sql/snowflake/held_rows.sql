-- Rows of the quarantine with the drops they came from.
-- Safe to repeat: reads only.
-- Fragments: quarantine, drops
-- Parameters: ids, drop_ids, reasons, event_type, states, at_most
SELECT
    q.id, q.row_no, q.line, q.byte_offset, q.event_type, q.schema_version, q.reason, q.field, q.message, q.raw,
    q.context, q.state, q.run_id, q.quarantined_at, q.changed_at,
    q.drop_id, d.source, d.key, d.version, d.size_bytes, d.modified
FROM {{ quarantine }} AS q
INNER JOIN {{ drops }} AS d ON q.drop_id = d.drop_id
WHERE
    (:ids IS NULL OR q.id IN (SELECT l.value::VARCHAR FROM table(flatten(INPUT => parse_json(:ids))) AS l))
    AND (:drop_ids IS NULL OR q.drop_id IN (
        SELECT l.value::VARCHAR FROM table(flatten(INPUT => parse_json(:drop_ids))) AS l
    ))
    AND (:reasons IS NULL OR q.reason IN (
        SELECT l.value::VARCHAR FROM table(flatten(INPUT => parse_json(:reasons))) AS l
    ))
    AND (:event_type IS NULL OR q.event_type = :event_type)
    AND q.state IN (SELECT l.value::VARCHAR FROM table(flatten(INPUT => parse_json(:states))) AS l)
QUALIFY :at_most IS NULL OR row_number() OVER (ORDER BY d.modified, d.key, q.drop_id, q.row_no, q.id) <= :at_most
ORDER BY d.modified, d.key, q.drop_id, q.row_no NULLS LAST, q.id;
