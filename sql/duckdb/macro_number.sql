-- Text to a finite double; NULL where it is none. A decimal comma is taken for one, but not where it
-- may as well group thousands: 1,5 and 0,125 are numbers, 1,250 is not.
-- Safe to repeat: replaces a temporary macro of this connection.
-- Fragments: none
-- Parameters: none
CREATE OR REPLACE TEMP MACRO firehose_number(x) AS CASE
    WHEN isfinite(TRY_CAST(x AS DOUBLE)) THEN CASE WHEN NOT contains(x, '_') THEN TRY_CAST(x AS DOUBLE) END
    WHEN contains(x, ',')
        THEN CASE
            WHEN
                regexp_full_match(x, '\s*[+-]?[0-9]*,[0-9]+\s*')
                AND NOT regexp_full_match(x, '\s*[+-]?[1-9][0-9]{0,2},[0-9]{3}\s*')
                THEN TRY_CAST(replace(x, ',', '.') AS DOUBLE)
        END
END;
