-- The network of an IP address: 192.0.2.0/24, or 2001:db8:1::/48 of its version 6; NULL where it is none.
-- Safe to repeat: replaces a temporary macro of this connection.
-- Fragments: none
-- Parameters: none
CREATE OR REPLACE TEMP MACRO firehose_network(x) AS CASE
    WHEN NOT regexp_matches(x, ':[^:]*:')
        THEN nullif(regexp_replace(
            regexp_extract(x, '^\s*([0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.)[0-9]{1,3}(:[0-9]+|/24)?\s*$', 1),
            '\.$', '.0/24'
        ), '')
    WHEN regexp_full_match(firehose_plain_ip(x), '[0-9]{1,3}(\.[0-9]{1,3}){3}')
        THEN regexp_extract(firehose_plain_ip(x), '^([0-9]+\.[0-9]+\.[0-9]+)\.', 1) || '.0/24'
    WHEN regexp_full_match(firehose_plain_ip(x), '[0-9a-f:]*:[0-9a-f:]*:[0-9a-f:.]*(%\w+|/48)?')
        THEN regexp_replace(regexp_replace(array_to_string(list_transform(
            (
                string_split(split_part(regexp_extract(firehose_plain_ip(x), '^[0-9a-f:]*'), '::', 1), ':')
                || ['0', '0', '0']
            )[1:3],
            lambda part: coalesce(nullif(ltrim(part, '0'), ''), '0')
        ), ':'), '(:0)+$', ''), '^0$', '') || '::/48'
END;
