-- Take out what is superseded by a later time.
-- Safe to repeat: within the transaction that puts the later times in.
-- Fragments: retention
-- Parameters: source, event_type, kept_from
DELETE FROM {{ retention }} AS r
USING (
    SELECT
        unnest(:source::VARCHAR[]) AS source,
        unnest(:event_type::VARCHAR[]) AS event_type,
        unnest(:kept_from::TIMESTAMP[]) AS kept_from
) AS n
WHERE r.source = n.source AND r.event_type = n.event_type AND r.kept_from < n.kept_from;
