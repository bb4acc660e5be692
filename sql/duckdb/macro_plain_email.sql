-- An email address in the spelling in which it is hashed: as "Jo <Jo@Example.com>" too it is jo@example.com.
-- Safe to repeat: replaces a temporary macro of this connection.
-- Fragments: none
-- Parameters: none
CREATE OR REPLACE TEMP MACRO firehose_plain_email(x) AS lower(trim(
    CASE WHEN contains(x, '<') THEN coalesce(nullif(regexp_extract(x, '<([^<>]+@[^<>]+)>', 1), ''), x) ELSE x END,
    ' ' || chr(9) || chr(10) || chr(13)
));
