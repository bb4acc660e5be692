-- The rows of the batch with their drop, their number in it and their event type.
-- Safe to repeat: replaces a temporary view of this connection.
-- Fragments: type_no, type_joins, more_slots
-- Parameters: none
CREATE OR REPLACE TEMP VIEW staged_rows AS
SELECT
    s.rowid AS seq,
    d.drop_no,
    d.drop_id,
    coalesce(s._row, s.rowid - d.first_seq + 1) AS row_no,
    {{ type_no }} AS type_no
    {{ more_slots }}
FROM staged_text AS s
INNER JOIN staged_files AS d ON s._file = d.file
{{ type_joins }};
