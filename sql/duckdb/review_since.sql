-- How many rows of an event table were loaded behind a moment, and whether all of them came as CSV,
-- whose headers tell every field.
-- Safe to repeat: reads only.
-- Fragments: table, drops
-- Parameters: moment
SELECT count(*), coalesce(bool_and(d.format = 'csv'), false)
FROM {{ table }} AS t
LEFT JOIN {{ drops }} AS d ON t._drop_id = d.drop_id
WHERE t._loaded_at > :moment;
