-- How many differences of each kind were found, and in how many drops of the batch there is any.
-- Safe to repeat: reads only.
-- Fragments: none
-- Parameters: none
SELECT kind, count(*), (SELECT count(DISTINCT drop_id) FROM audit_found) FROM audit_found GROUP BY kind ORDER BY kind;
