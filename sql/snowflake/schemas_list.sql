-- Every field that the feed added to an event schema, in order of version.
-- Safe to repeat: reads only.
-- Fragments: table
-- Parameters: none
SELECT
    event_type,
    version,
    field,
    aliases,
    column_name,
    type,
    why,
    rows_seen,
    rows_filled,
    "SAMPLE",
    first_drop_id,
    first_seen_at
FROM {{ table }}
ORDER BY
    event_type,
    split_part(version, '-', 1)::NUMBER(38, 0),
    split_part(version, '-', 2)::NUMBER(38, 0),
    split_part(version, '-', 3)::NUMBER(38, 0),
    column_name;
