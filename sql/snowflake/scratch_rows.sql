-- The rows of one event type and shape, as they come from the stage.
-- Safe to repeat: replaces a temporary table of this session. It comes before the transaction, which DDL would commit.
-- Fragments: table, definitions
-- Parameters: none
CREATE OR REPLACE TEMPORARY TABLE {{ table }} (
    {{ definitions }}
);
