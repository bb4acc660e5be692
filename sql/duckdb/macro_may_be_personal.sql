-- Whether there is anything in a text at which an address or a phone number is known. Most texts have nothing.
-- Safe to repeat: replaces a temporary macro of this connection.
-- Fragments: none
-- Parameters: none
CREATE OR REPLACE TEMP MACRO firehose_may_be_personal(x) AS regexp_matches(x, '[@+:(]|%|[0-9]\.[0-9]|0[0-9]');
