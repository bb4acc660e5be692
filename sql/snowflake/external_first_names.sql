-- The names of members that the first object of each JSON drop has: they stand for its header.
-- Safe to repeat: reads only.
-- Fragments: none
-- Parameters: none
SELECT r.file, f.key::VARCHAR AS name
FROM
    external_documents AS r,
    LATERAL flatten(INPUT => CASE WHEN typeof(r.body) = 'OBJECT' THEN r.body END) AS f
WHERE r.row_no = 1;
