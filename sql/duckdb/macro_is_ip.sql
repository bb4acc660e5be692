-- Whether a text as a whole looks like an IP address.
-- Safe to repeat: replaces a temporary macro of this connection.
-- Fragments: none
-- Parameters: none
CREATE OR REPLACE TEMP MACRO firehose_is_ip(x) AS (
    regexp_full_match(x, '\s*[0-9]{1,3}(\.[0-9]{1,3}){3}(:[0-9]+)?\s*')
    OR regexp_full_match(
        x, '(?i)\s*\[?(([0-9a-f]{1,4}:){7}[0-9a-f]{1,4}|[0-9a-f:]{0,35}::[0-9a-f:.]{0,40})(%\w+)?\]?\s*'
    )
);
