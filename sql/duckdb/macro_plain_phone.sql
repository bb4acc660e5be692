-- A phone number in the spelling in which it is hashed: a plus and digits. One that begins with a single
-- zero has no country: it stays as it is, without what stands between its digits.
-- Safe to repeat: replaces a temporary macro of this connection.
-- Fragments: none
-- Parameters: none
CREATE OR REPLACE TEMP MACRO firehose_plain_phone(x) AS CASE
    WHEN NOT regexp_matches(x, '[0-9]') THEN lower(trim(x))
    WHEN regexp_matches(x, '^[^0-9]*00') THEN '+' || substr(regexp_replace(x, '[^0-9]+', '', 'g'), 3)
    WHEN regexp_matches(x, '^[^0-9+]*0') THEN regexp_replace(x, '[^0-9]+', '', 'g')
    ELSE '+' || regexp_replace(x, '[^0-9]+', '', 'g')
END;
