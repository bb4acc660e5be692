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
    sample,
    first_drop_id,
    first_seen_at
FROM {{ table }}
ORDER BY event_type, list_transform(string_split(version, '-'), lambda part: part::INTEGER), column_name;
