-- A text in which every IP address is replaced.
-- Safe to repeat: replaces a temporary macro of this connection.
-- Fragments: none
-- Parameters: none
CREATE OR REPLACE TEMP MACRO firehose_without_ips(x) AS regexp_replace(
    x,
    '(?i)\b[0-9]{1,3}(\.[0-9]{1,3}){3}\b'
    || '|\b([0-9a-f]{1,4}:){5,7}[0-9a-f]{1,4}\b'
    || '|\b[0-9a-f]{1,4}(:[0-9a-f]{1,4}){0,6}::([0-9a-f]{1,4}(:[0-9a-f]{1,4}){0,6})?',
    '[ip]', 'g'
);
