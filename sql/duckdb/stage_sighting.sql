-- How the rows of one event type use the new fields: rows, and of each field a value, masked.
-- Safe to repeat: reads only.
-- Fragments: rows, more_samples
-- Parameters: type_no
SELECT count(*) {{ more_samples }} FROM {{ rows }} AS r WHERE r.type_no = :type_no;
