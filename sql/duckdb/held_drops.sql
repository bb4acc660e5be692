-- The drops that have rows which are meant, and how many.
-- Safe to repeat: reads only.
-- Fragments: quarantine
-- Parameters: ids, drop_ids, reasons, event_type, states
SELECT drop_id, count(*)
FROM {{ quarantine }}
WHERE
    (:ids::VARCHAR[] IS NULL OR id IN (SELECT unnest(:ids::VARCHAR[])))
    AND (:drop_ids::VARCHAR[] IS NULL OR drop_id IN (SELECT unnest(:drop_ids::VARCHAR[])))
    AND (:reasons::VARCHAR[] IS NULL OR reason IN (SELECT unnest(:reasons::VARCHAR[])))
    AND (:event_type::VARCHAR IS NULL OR event_type = :event_type)
    AND state IN (SELECT unnest(:states::VARCHAR[]))
GROUP BY drop_id
ORDER BY drop_id;
