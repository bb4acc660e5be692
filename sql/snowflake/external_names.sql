-- The names of members that each JSON drop has, and of the members of an object which one of them holds.
-- Safe to repeat: reads only.
-- Fragments: body
-- Parameters: none
SELECT DISTINCT r.file, f.key::VARCHAR AS name
FROM external_documents AS r, LATERAL flatten(INPUT => {{ body }}) AS f;
