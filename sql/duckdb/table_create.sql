-- The table of one event type: the columns of its schema, then those that lead back to file and row.
-- Safe to repeat: does nothing where it exists.
-- Fragments: table, definitions
-- Parameters: none
CREATE TABLE IF NOT EXISTS {{ table }} (
    {{ definitions }},
    "_key" UUID NOT NULL,
    "_drop_id" VARCHAR NOT NULL,
    "_row" BIGINT NOT NULL,
    "_schema_version" VARCHAR NOT NULL,
    "_loaded_at" TIMESTAMP NOT NULL,
    "_rescued" JSON
);
