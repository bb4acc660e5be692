-- An email address in the spelling in which it is hashed: as "Jo <Jo@Example.com>" too it is jo@example.com.
-- Safe to repeat: replaces a temporary macro of this connection.
-- Fragments: none
-- Parameters: none
CREATE OR REPLACE TEMP MACRO firehose_plain_email(x) AS CASE
    WHEN contains(x, '<') OR contains(x, chr(9)) OR contains(x, chr(10)) OR contains(x, chr(13))
        THEN lower(trim(
            coalesce(nullif(regexp_extract(x, '<([^<>]+@[^<>]+)>', 1), ''), x), ' ' || chr(9) || chr(10) || chr(13)
        ))
    -- To look for blanks, of which there are others than ASCII's, is far cheaper than to trim.
    WHEN x < '!' OR ends_with(x, ' ') OR length(x) < strlen(x) THEN lower(trim(x))
    ELSE lower(x)
END;
