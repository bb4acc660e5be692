-- Text to a naive UTC timestamp; NULL where it is no time. The cast goes through TIMESTAMPTZ, for a
-- plain cast to TIMESTAMP silently ignores an offset; words such as "infinity" and "epoch" are no times.
-- What makes the time naive again is no cast: that would ask for the time zone of every value.
-- Safe to repeat: replaces a temporary macro of this connection.
-- Fragments: none
-- Parameters: none
CREATE OR REPLACE TEMP MACRO firehose_timestamp(x) AS CASE
    WHEN CASE WHEN ascii(x) BETWEEN 48 AND 57 THEN true ELSE regexp_matches(x, '^\s+[0-9]') END
        THEN coalesce(make_timestamp(epoch_us(TRY_CAST(x AS TIMESTAMPTZ))), firehose_moment(trim(x, E' \t\n\r\f\v')))
END;
