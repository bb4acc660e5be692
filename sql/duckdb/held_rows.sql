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
    (:ids::VARCHAR[] IS NULL OR q.id IN (SELECT unnest(:ids::VARCHAR[])))
    AND (:drop_ids::VARCHAR[] IS NULL OR q.drop_id IN (SELECT unnest(:drop_ids::VARCHAR[])))
    AND (:reasons::VARCHAR[] IS NULL OR q.reason IN (SELECT unnest(:reasons::VARCHAR[])))
    AND (:event_type::VARCHAR IS NULL OR q.event_type = :event_type)
    AND q.state IN (SELECT unnest(:states::VARCHAR[]))
ORDER BY d.modified, d.key, q.drop_id, q.row_no, q.id
LIMIT :at_most;
