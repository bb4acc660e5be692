-- The table of one event type: the columns of its schema, then those that lead back to file and row.
-- Safe to repeat: does nothing where it exists.
-- Fragments: table, definitions
-- Parameters: none
CREATE TABLE IF NOT EXISTS {{ table }} (
    {{ definitions }},
    "_KEY" VARCHAR(36) NOT NULL,
    "_DROP_ID" VARCHAR NOT NULL,
    "_ROW" NUMBER(38, 0) NOT NULL,
    "_SCHEMA_VERSION" VARCHAR NOT NULL,
    "_LOADED_AT" TIMESTAMP_NTZ NOT NULL,
    "_RESCUED" VARIANT
);
