-- How many rows of an event table were loaded behind a moment, and whether all of them came as CSV,
-- whose headers tell every field.
-- Safe to repeat: reads only.
-- Fragments: table, drops
-- Parameters: moment
SELECT count(*), coalesce(booland_agg(d.format = 'csv'), false)
FROM {{ table }} AS t
LEFT JOIN {{ drops }} AS d ON t."_DROP_ID" = d.drop_id
WHERE t."_LOADED_AT" > :moment::TIMESTAMP_NTZ;
