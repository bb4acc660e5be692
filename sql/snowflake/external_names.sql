-- The names of members that each JSON drop has, and of the members of an object which one of them holds. What is no
-- object has none.
-- Safe to repeat: reads only.
-- Fragments: body
-- Parameters: none
SELECT DISTINCT r.file, f.key::VARCHAR AS name
FROM
    external_documents AS r,
    LATERAL flatten(INPUT => CASE WHEN typeof({{ body }}) = 'OBJECT' THEN {{ body }} END) AS f;
