-- The drops that have members of other names than these.
-- Safe to repeat: reads only.
-- Fragments: names, known
-- Parameters: none
SELECT d.drop_no
FROM external_files AS d
INNER JOIN ({{ names }}) AS n ON d.file = n.file
WHERE n.name NOT IN ({{ known }});
