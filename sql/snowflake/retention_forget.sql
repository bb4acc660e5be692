-- Take out what is superseded by a later time.
-- Rows: source, event_type, kept_from
-- Safe to repeat: within the transaction that puts the later times in.
-- Fragments: retention
-- Parameters: rows
DELETE FROM {{ retention }} AS r
USING (
    SELECT
        l.value:source::VARCHAR AS source,
        l.value:event_type::VARCHAR AS event_type,
        l.value:kept_from::TIMESTAMP_NTZ AS kept_from
    FROM table(flatten(INPUT => parse_json(:rows))) AS l
) AS n
WHERE r.source = n.source AND r.event_type = n.event_type AND r.kept_from < n.kept_from;
