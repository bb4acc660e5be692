-- Record the fields that the feed added to event schemas.
-- Safe to repeat: a column is recorded once for each event type and model.
-- Fragments: table
-- Parameters: event_type, version, field, aliases, column_name, type, why, rows_seen, rows_filled,
--   sample, first_drop_id, first_seen_at
INSERT INTO {{ table }}
SELECT n.*
FROM (
    SELECT
        unnest(:event_type::VARCHAR[]) AS event_type,
        unnest(:version::VARCHAR[]) AS version,
        unnest(:field::VARCHAR[]),
        unnest(:aliases::VARCHAR[][]),
        unnest(:column_name::VARCHAR[]) AS column_name,
        unnest(:type::VARCHAR[]),
        unnest(:why::VARCHAR[]),
        unnest(:rows_seen::BIGINT[]),
        unnest(:rows_filled::BIGINT[]),
        unnest(:sample::VARCHAR[]),
        unnest(:first_drop_id::VARCHAR[]),
        unnest(:first_seen_at::TIMESTAMP[])
) AS n
WHERE NOT EXISTS (
    SELECT 1 FROM {{ table }} AS t
    WHERE
        t.event_type = n.event_type
        AND t.column_name = n.column_name
        AND split_part(t.version, '-', 1) = split_part(n.version, '-', 1)
);
