-- Text to a boolean; NULL where it is none.
-- Safe to repeat: replaces a temporary macro of this connection.
-- Fragments: none
-- Parameters: none
CREATE OR REPLACE TEMP MACRO firehose_boolean(x) AS TRY_CAST(trim(x, E' \t\n\r\f\v') AS BOOLEAN);
