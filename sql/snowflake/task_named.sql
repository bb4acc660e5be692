-- The drops that are read, as a list of files names them.
-- Safe to repeat: reads only.
-- Fragments: none
-- Parameters: none
SELECT coalesce(listagg(chr(39) || d.name || chr(39), ', ') WITHIN GROUP (ORDER BY d.drop_no), '')
FROM task_drops AS d
WHERE d.why IS NULL;
