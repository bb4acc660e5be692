-- Record a field that the feed added to an event schema.
-- Safe to repeat: a column is recorded once for each event type and model.
-- Fragments: table
-- Parameters: event_type, version, field, aliases, column_name, type, why, rows_seen, rows_filled,
--   sample, drop_id, now
MERGE INTO {{ table }} AS t
USING (
    SELECT
        :event_type AS event_type,
        :version AS version,
        :field AS field,
        parse_json(:aliases) AS aliases,
        :column_name AS column_name,
        :type AS type,
        :why AS why,
        :rows_seen AS rows_seen,
        :rows_filled AS rows_filled,
        :sample AS "SAMPLE",
        :drop_id AS first_drop_id,
        :now::TIMESTAMP_NTZ AS first_seen_at
) AS s
    ON
        t.event_type = s.event_type
        AND t.column_name = s.column_name
        AND split_part(t.version, '-', 1) = split_part(s.version, '-', 1)
WHEN NOT MATCHED THEN INSERT
    (
        event_type, version, field, aliases, column_name, type, why, rows_seen, rows_filled, "SAMPLE",
        first_drop_id, first_seen_at
    )
VALUES
(
    s.event_type, s.version, s.field, s.aliases::ARRAY, s.column_name, s.type, s.why, s.rows_seen, s.rows_filled,
    s."SAMPLE", s.first_drop_id, s.first_seen_at
);
