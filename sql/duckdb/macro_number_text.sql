-- A number as text: a whole one as an integer is written, so that it stays the same value to whoever
-- compares texts when a column of integers becomes one of numbers.
-- Safe to repeat: replaces a temporary macro of this connection.
-- Fragments: none
-- Parameters: none
CREATE OR REPLACE TEMP MACRO firehose_number_text(x) AS CASE
    WHEN x = trunc(x) AND abs(x) <= 9007199254740992 THEN x::BIGINT::VARCHAR
    ELSE x::VARCHAR
END;
