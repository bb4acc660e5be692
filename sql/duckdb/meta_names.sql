-- What the tables, columns and views of this schema are called where that is not what the loader calls
-- them: an example of each. It is there only where names are configured.
-- Safe to repeat: does nothing where it exists.
-- Fragments: table
-- Parameters: none
CREATE TABLE IF NOT EXISTS {{ table }} (
    kind VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    stored VARCHAR NOT NULL
);
