-- A URL without its query, its fragment and the user in it; of what only names a person, the scheme.
-- Safe to repeat: replaces a temporary macro of this connection.
-- Fragments: none
-- Parameters: none
CREATE OR REPLACE TEMP MACRO firehose_location(x) AS CASE
    WHEN regexp_matches(x, '(?i)^\s*(mailto|tel|sms|sip):')
        THEN lower(regexp_extract(x, '(?i)(mailto|tel|sms|sip):', 0))
    ELSE regexp_replace(regexp_extract(trim(x), '^[^?#]*'), '^([A-Za-z][A-Za-z0-9+.-]*://)[^/]*@', '\1')
END;
