-- What stands for a person, in the spelling in which it is hashed: a whole number as integers are written.
-- Safe to repeat: replaces a temporary macro of this connection.
-- Fragments: none
-- Parameters: none
CREATE OR REPLACE TEMP MACRO firehose_plain_id(x) AS coalesce(firehose_integer(x)::VARCHAR, trim(x));
