-- The drops that have rows which are meant, and how many.
-- Safe to repeat: reads only.
-- Fragments: quarantine
-- Parameters: ids, drop_ids, reasons, event_type, states
SELECT drop_id, count(*)
FROM {{ quarantine }}
WHERE
    (:ids IS NULL OR id IN (SELECT l.value::VARCHAR FROM table(flatten(INPUT => parse_json(:ids))) AS l))
    AND (:drop_ids IS NULL OR drop_id IN (
        SELECT l.value::VARCHAR FROM table(flatten(INPUT => parse_json(:drop_ids))) AS l
    ))
    AND (:reasons IS NULL OR reason IN (
        SELECT l.value::VARCHAR FROM table(flatten(INPUT => parse_json(:reasons))) AS l
    ))
    AND (:event_type IS NULL OR event_type = :event_type)
    AND state IN (SELECT l.value::VARCHAR FROM table(flatten(INPUT => parse_json(:states))) AS l)
GROUP BY drop_id
ORDER BY drop_id;
