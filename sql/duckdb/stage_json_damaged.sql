-- The files of the last read of JSON drops that hold a row without any value.
-- Safe to repeat: reads only.
-- Fragments: slots
-- Parameters: first_file, last_file
SELECT DISTINCT _file
FROM staged_text
WHERE _file BETWEEN :first_file AND :last_file AND coalesce({{ slots }}, NULL) IS NULL;
