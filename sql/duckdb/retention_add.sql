-- Remember up to when events are removed as too old. What is remembered already as that late or later stays.
-- Safe to repeat: the same again is there already.
-- Fragments: retention
-- Parameters: source, event_type, kept_from, run_id, now
INSERT INTO {{ retention }}
SELECT n.source, n.event_type, n.kept_from, :run_id, :now
FROM (
    SELECT
        unnest(:source::VARCHAR[]) AS source,
        unnest(:event_type::VARCHAR[]) AS event_type,
        unnest(:kept_from::TIMESTAMP[]) AS kept_from
) AS n
LEFT JOIN {{ retention }} AS r ON n.source = r.source AND n.event_type = r.event_type
WHERE r.source IS NULL;
