-- The rows of a table that may name people who are looked for: the letters and digits of what they say have those of
-- one of them in it.
-- Safe to repeat: reads only.
-- Fragments: table, text, more_columns
-- Parameters: needle
SELECT t."_KEY"::VARCHAR, t."_DROP_ID", t."_ROW", t."_SCHEMA_VERSION" {{ more_columns }}
FROM {{ table }} AS t
WHERE t."_KEY" IN (
    SELECT s."_KEY"
    FROM (SELECT t."_KEY", regexp_replace(lower({{ text }}), '[^a-z0-9]+', '') AS _text FROM {{ table }} AS t) AS s
    INNER JOIN (
        SELECT l.value::VARCHAR AS needle FROM table(flatten(INPUT => parse_json(:needle))) AS l
    ) AS n ON contains(s._text, n.needle)
);
