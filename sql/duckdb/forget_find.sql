-- The rows of a table that may name people who are looked for: the letters and digits of what they say have those of
-- one of them in it.
-- Safe to repeat: reads only.
-- Fragments: table, text, more_columns
-- Parameters: needle
SELECT t."_key"::VARCHAR, t."_drop_id", t."_row", t."_schema_version" {{ more_columns }}
FROM (SELECT t.*, regexp_replace(lower({{ text }}), '[^a-z0-9]+', '', 'g') AS _text FROM {{ table }} AS t) AS t
SEMI JOIN (SELECT unnest(:needle::VARCHAR[]) AS needle) AS n
    ON contains(t._text, n.needle);
