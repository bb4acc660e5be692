-- The files of the last read of JSON drops that hold a row without any value, or one that may be
-- nested too deeply.
-- Safe to repeat: reads only.
-- Fragments: table, is_empty, is_deep
-- Parameters: first_file, last_file
SELECT DISTINCT _file
FROM {{ table }}
WHERE _file BETWEEN :first_file AND :last_file AND (({{ is_empty }}) OR {{ is_deep }});
