-- Whether rows are put in in the order in which they are read. Keeping it, the engine copies what many
-- small files give once more.
-- Safe to repeat: a setting of this connection.
-- Fragments: kept
-- Parameters: none
SET preserve_insertion_order = {{ kept }};
