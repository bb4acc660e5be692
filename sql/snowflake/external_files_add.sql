-- Note the drops of a batch, once the header of each is known.
-- Rows: file, drop_no, drop_id, modified, forced_no, default_no, fields
-- Safe to repeat: touches only a temporary table, which was made anew.
-- Fragments: none
-- Parameters: rows
INSERT INTO external_files
SELECT
    n.value:file::VARCHAR,
    n.value:drop_no::NUMBER(38, 0),
    n.value:drop_id::VARCHAR,
    n.value:modified::TIMESTAMP_NTZ,
    n.value:forced_no::NUMBER(38, 0),
    n.value:default_no::NUMBER(38, 0),
    n.value:fields::NUMBER(38, 0)
FROM table(flatten(INPUT => parse_json(:rows))) AS n;
