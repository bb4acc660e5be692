-- Remember up to when events are removed as too old. What is remembered already as that late or later stays.
-- Rows: source, event_type, kept_from
-- Safe to repeat: the same again is there already.
-- Fragments: retention
-- Parameters: rows, run_id, now
INSERT INTO {{ retention }}
SELECT n.source, n.event_type, n.kept_from, :run_id, :now::TIMESTAMP_NTZ
FROM (
    SELECT
        l.value:source::VARCHAR AS source,
        l.value:event_type::VARCHAR AS event_type,
        l.value:kept_from::TIMESTAMP_NTZ AS kept_from
    FROM table(flatten(INPUT => parse_json(:rows))) AS l
) AS n
LEFT JOIN {{ retention }} AS r ON n.source = r.source AND n.event_type = r.event_type
WHERE r.source IS NULL;
