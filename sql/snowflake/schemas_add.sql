-- Record the fields that the feed added to event schemas.
-- Rows: event_type, version, field, aliases, column_name, type, why, rows_seen, rows_filled, sample,
--     first_drop_id, first_seen_at
-- Safe to repeat: a column is recorded once for each event type and model.
-- Fragments: table
-- Parameters: rows
MERGE INTO {{ table }} AS t
USING (
    SELECT
        n.value:event_type::VARCHAR AS event_type,
        n.value:version::VARCHAR AS version,
        n.value:field::VARCHAR AS field,
        n.value:aliases::ARRAY AS aliases,
        n.value:column_name::VARCHAR AS column_name,
        n.value:type::VARCHAR AS type,
        n.value:why::VARCHAR AS why,
        n.value:rows_seen::NUMBER(38, 0) AS rows_seen,
        n.value:rows_filled::NUMBER(38, 0) AS rows_filled,
        n.value:sample::VARCHAR AS "SAMPLE",
        n.value:first_drop_id::VARCHAR AS first_drop_id,
        n.value:first_seen_at::TIMESTAMP_NTZ AS first_seen_at
    FROM table(flatten(INPUT => parse_json(:rows))) AS n
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
    s.event_type, s.version, s.field, s.aliases, s.column_name, s.type, s.why, s.rows_seen, s.rows_filled,
    s."SAMPLE", s.first_drop_id, s.first_seen_at
);
