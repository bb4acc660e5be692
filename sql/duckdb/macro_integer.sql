-- Text to a 64-bit integer; NULL where it is not exactly one. A leading zero is not: 007 is an id, not 7.
-- Safe to repeat: replaces a temporary macro of this connection.
-- Fragments: none
-- Parameters: none
CREATE OR REPLACE TEMP MACRO firehose_integer(x) AS CASE
    WHEN TRY_CAST(x AS BIGINT)::VARCHAR = x THEN TRY_CAST(x AS BIGINT)
    WHEN regexp_full_match(x, '\s*[+-]?(0|[1-9][0-9]*)(\.0*)?\s*') THEN TRY_CAST(x AS BIGINT)
END;
