-- Note rows of people who are to be forgotten.
-- Rows: event_key, drop_id, row_no, event_type, schema_version, fate
-- Safe to repeat: touches only a temporary table.
-- Fragments: none
-- Parameters: table_name, rows
INSERT INTO leaving_rows (table_name, event_key, drop_id, row_no, event_type, schema_version, fate)
SELECT
    :table_name,
    n.value:event_key::VARCHAR,
    n.value:drop_id::VARCHAR,
    n.value:row_no::NUMBER(38, 0),
    n.value:event_type::VARCHAR,
    n.value:schema_version::VARCHAR,
    n.value:fate::VARCHAR
FROM table(flatten(INPUT => parse_json(:rows))) AS n;
