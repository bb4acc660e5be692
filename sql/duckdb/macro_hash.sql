-- The pseudonym of a text: the key's id and an HMAC-SHA256, of which the key's pads are given. A blank has none.
-- Safe to repeat: replaces a temporary macro of this connection.
-- Fragments: none
-- Parameters: none
CREATE OR REPLACE TEMP MACRO firehose_hash(x, key_id, inner_pad, outer_pad) AS (
    key_id || ':' || sha256(outer_pad || unhex(sha256(inner_pad || encode(nullif(x, '')))))
);
