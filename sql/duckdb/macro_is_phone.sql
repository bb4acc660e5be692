-- Whether a text as a whole looks like a phone number: with a country's prefix, or with signs between its digits.
-- Digits alone may be anything.
-- Safe to repeat: replaces a temporary macro of this connection.
-- Fragments: none
-- Parameters: none
CREATE OR REPLACE TEMP MACRO firehose_is_phone(x) AS (
    regexp_full_match(x, '\s*((\+|00)[ (]*[1-9]|\(?0[1-9]?|\([0-9])[0-9 ()./-]{5,24}[0-9]\s*')
    AND length(regexp_replace(x, '[^0-9]+', '', 'g')) BETWEEN 8 AND 17
    AND (regexp_matches(x, '^\s*(\+|00)') OR (
        regexp_matches(x, '[0-9)][ ./-]') AND length(regexp_replace(x, '[^0-9]+', '', 'g')) >= 10
    ))
);
