-- Hand events over to another drop that carried them.
-- Safe to repeat: within the transaction that takes the first drop out.
-- Fragments: table
-- Parameters: none
UPDATE {{ table }} AS t
SET "_drop_id" = h.drop_id, "_row" = h.row_no, "_schema_version" = h.schema_version, "_loaded_at" = h.finished_at
FROM undo_heirs AS h
WHERE t."_key" = h.event_key;
