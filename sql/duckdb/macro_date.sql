-- Text to a date; NULL where it is none or has a time of day other than midnight.
-- Safe to repeat: replaces a temporary macro of this connection.
-- Fragments: none
-- Parameters: none
CREATE OR REPLACE TEMP MACRO firehose_date(x) AS CASE
    WHEN
        regexp_full_match(x, '\s*[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([T ]00:00(:00(\.0+)?)?Z?)?\s*')
        THEN TRY_CAST(split_part(split_part(trim(x), 'T', 1), ' ', 1) AS DATE)
END;
