-- The CSV files in which the header stands again, or a byte order mark before a row: several files put
-- together. The strict parser knows what to make of them.
-- Safe to repeat: reads only.
-- Fragments: table, first, others
-- Parameters: first_file, last_file, first_name, other_names
SELECT DISTINCT _file
FROM {{ table }}
WHERE
    _file BETWEEN :first_file AND :last_file
    AND (
        starts_with({{ first }}, chr(65279))
        OR CASE WHEN {{ first }} = :first_name THEN [{{ others }}] = :other_names ELSE false END
    );
