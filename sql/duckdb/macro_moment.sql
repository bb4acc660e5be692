-- The spellings of a time that the engine's own cast does not take: seconds or milliseconds since 1970
-- between 2001 and 2286, with decimals; a small "t" or "z", a blank before the offset, a decimal comma.
-- Safe to repeat: replaces a temporary macro of this connection.
-- Fragments: none
-- Parameters: none
CREATE OR REPLACE TEMP MACRO firehose_moment(x) AS CASE
    WHEN regexp_full_match(x, '[1-9][0-9]{9}([0-9]{3})?(\.[0-9]*)?')
        THEN make_timestamp(
            (
                split_part(x, '.', 1)
                || left(rpad(split_part(x, '.', 2), 6, '0'), (16 - length(split_part(x, '.', 1)))::INTEGER)
            )::BIGINT
        )
    ELSE TRY_CAST(
        regexp_replace(replace(upper(x), ',', '.'), '\s+([+-])', '\1') AS TIMESTAMPTZ
    )::TIMESTAMP
END;
