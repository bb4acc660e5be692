-- How many line feeds stand within the values of CSV drops, by file.
-- Safe to repeat: reads only.
-- Fragments: table, breaks
-- Parameters: first_file, last_file
SELECT _file, sum({{ breaks }})::BIGINT
FROM {{ table }}
WHERE _file BETWEEN :first_file AND :last_file
GROUP BY _file;
