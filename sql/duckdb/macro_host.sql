-- The host of a URL; NULL where it names none.
-- Safe to repeat: replaces a temporary macro of this connection.
-- Fragments: none
-- Parameters: none
CREATE OR REPLACE TEMP MACRO firehose_host(x) AS nullif(
    lower(regexp_extract(firehose_location(x), '^(?:[A-Za-z][A-Za-z0-9+.-]*:)?//([^/:]+)', 1)), ''
);
