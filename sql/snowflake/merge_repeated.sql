-- Rows of the batch whose key a preferred row of it has. Keys only: wide rows are never ranked.
-- Safe to repeat: touches only a temporary table.
-- Fragments: preference
-- Parameters: type_nos
INSERT INTO staged_duplicates (seq, drop_no, row_no, type_no, _key, repeated)
SELECT seq, drop_no, row_no, type_no, _key, true
FROM staged_keys
WHERE type_no IN (SELECT l.value::NUMBER(38, 0) FROM table(flatten(INPUT => parse_json(:type_nos))) AS l)
QUALIFY row_number() OVER (PARTITION BY type_no, _key ORDER BY {{ preference }}) > 1;
