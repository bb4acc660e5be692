-- What a drop's rows in each event table said when the loader wrote them, as entries to be summed up: the
-- rows with their sign, the digests by exclusive or. It takes this to notice rows that were changed by hand.
-- Safe to repeat: does nothing where it exists.
-- Fragments: table
-- Parameters: none
CREATE TABLE IF NOT EXISTS {{ table }} (
    drop_id VARCHAR NOT NULL,
    table_name VARCHAR NOT NULL,
    row_count NUMBER(38, 0) NOT NULL,
    digest NUMBER(38, 0) NOT NULL,
    witness NUMBER(38, 0) NOT NULL
);
