-- Forget the lines noted by the last read of CSV drops.
-- Safe to repeat: touches only temporary tables of this connection.
-- Fragments: table
-- Parameters: none
DROP TABLE IF EXISTS {{ table }};
