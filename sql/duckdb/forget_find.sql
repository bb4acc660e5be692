-- The rows of a table that may name people who are looked for: the letters and digits of what they say have those of
-- one of them in it. All are looked for in one pass: they are letters and digits alone, and so a pattern of their own.
-- Safe to repeat: reads only.
-- Fragments: table, text, more_columns
-- Parameters: needle
SELECT t."_key"::VARCHAR, t."_drop_id", t."_row", t."_schema_version" {{ more_columns }}
FROM (SELECT t.*, regexp_replace(lower({{ text }}), '[^a-z0-9]+', '', 'g') AS _text FROM {{ table }} AS t) AS t
WHERE regexp_matches(t._text, array_to_string(:needle::VARCHAR[], '|'));
