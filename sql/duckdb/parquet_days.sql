-- The days of one event table: how many rows each has, and a digest of all that they say.
-- Safe to repeat: reads only.
-- Fragments: table, day, columns
-- Parameters: none
SELECT {{ day }} AS event_day, count(*), bit_xor(hash({{ columns }}))
FROM {{ table }}
GROUP BY event_day
ORDER BY event_day;
