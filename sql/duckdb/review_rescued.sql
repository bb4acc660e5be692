-- What texts the rows of an event table keep in _rescued, by the name of their field.
-- Safe to repeat: reads only.
-- Fragments: table, more_samples
-- Parameters: none
SELECT field {{ more_samples }}
FROM (
    SELECT
        field,
        json_extract_string(_rescued, '/' || replace(replace(field, '~', '~0'), '/', '~1')) AS said
    FROM (SELECT _rescued, unnest(json_keys(_rescued)) AS field FROM {{ table }} WHERE _rescued IS NOT NULL)
)
GROUP BY field
ORDER BY field;
