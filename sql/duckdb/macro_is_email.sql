-- Whether a text as a whole looks like an email address, or like a name with one.
-- Safe to repeat: replaces a temporary macro of this connection.
-- Fragments: none
-- Parameters: none
CREATE OR REPLACE TEMP MACRO firehose_is_email(x) AS (
    contains(x, '@')
    AND regexp_full_match(x, '[^@<>]{0,100}<[^@\s<>]+@[^@\s<>]+>|\s*[^@\s<>"]+@[^@\s<>",;]+\.[^@\s<>",;]+\s*')
);
