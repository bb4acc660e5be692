-- The rows of a shape with their drop, their number in it and their event type.
-- Safe to repeat: replaces a temporary view of this connection.
-- Fragments: view, table, first_seq, row_no, type_no, type_joins, more_slots
-- Parameters: none
CREATE OR REPLACE TEMP VIEW {{ view }} AS
SELECT
    s.rowid + {{ first_seq }} AS seq,
    d.drop_no,
    d.drop_id,
    {{ row_no }} AS row_no,
    {{ type_no }} AS type_no
    {{ more_slots }}
FROM {{ table }} AS s
INNER JOIN staged_files AS d ON s._file = d.file
{{ type_joins }};
