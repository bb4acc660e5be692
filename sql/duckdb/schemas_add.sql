-- Record a field that the feed added to an event schema.
-- Safe to repeat: a column is recorded once for each event type and model.
-- Fragments: table
-- Parameters: event_type, version, field, aliases, column_name, type, why, rows_seen, rows_filled,
--   sample, drop_id, now
INSERT INTO {{ table }}
SELECT
    :event_type,
    :version,
    :field,
    :aliases,
    :column_name,
    :type,
    :why,
    :rows_seen,
    :rows_filled,
    :sample,
    :drop_id,
    :now
WHERE NOT EXISTS (
    SELECT 1 FROM {{ table }}
    WHERE
        event_type = :event_type
        AND column_name = :column_name
        AND split_part(version, '-', 1) = split_part(:version, '-', 1)
);
