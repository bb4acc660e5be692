-- Whether a row of CSV drops may be a header that stands again, or has a byte order mark before it. This
-- shows in one column; mostly there is none, and the others need not be read.
-- Safe to repeat: reads only.
-- Fragments: table, first
-- Parameters: first_file, last_file, first_name
SELECT 1
FROM {{ table }}
WHERE
    _file BETWEEN :first_file AND :last_file
    AND (starts_with({{ first }}, chr(65279)) OR {{ first }} = :first_name)
LIMIT 1;
