-- How the rows of event types use the new fields: rows, and of each field a value, masked.
-- Safe to repeat: reads only.
-- Fragments: rows, more_samples
-- Parameters: type_nos
SELECT r.type_no, count(*) {{ more_samples }}
FROM {{ rows }} AS r
WHERE r.type_no IN (SELECT unnest(:type_nos::INTEGER[]))
GROUP BY r.type_no;
