-- An IP address in the spelling in which it is hashed; one of version 4 in the clothes of version 6 without these.
-- Safe to repeat: replaces a temporary macro of this connection.
-- Fragments: none
-- Parameters: none
CREATE OR REPLACE TEMP MACRO firehose_plain_ip(x) AS CASE
    WHEN contains(x, ':') OR contains(x, ']') OR contains(x, chr(9))
        THEN regexp_replace(
            lower(trim(x, ' []' || chr(9) || chr(10) || chr(13))),
            '^::ffff:([0-9]+\.[0-9]+\.[0-9]+\.[0-9]+)$', '\1'
        )
    ELSE trim(x)
END;
