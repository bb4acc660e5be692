-- Text to a finite double; NULL where it is none.
-- Safe to repeat: replaces a temporary macro of this connection.
-- Fragments: none
-- Parameters: none
CREATE OR REPLACE TEMP MACRO firehose_number(x) AS CASE
    WHEN isfinite(TRY_CAST(replace(x, '_', 'x') AS DOUBLE)) THEN TRY_CAST(x AS DOUBLE)
END;
