-- A row that has taken over its event is a duplicate no more.
-- Safe to repeat: within the transaction that hands the events over.
-- Fragments: duplicates
-- Parameters: table_name
DELETE FROM {{ duplicates }} AS d
USING undo_heirs AS h
WHERE
    d.table_name = :table_name
    AND d.event_key = h.event_key
    AND d.drop_id = h.drop_id
    AND d.row_no = h.row_no;
