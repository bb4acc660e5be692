-- Whether two stored texts can be held against each other: what was hashed with different keys, or on one
-- side only, cannot.
-- Safe to repeat: replaces a temporary macro of this connection.
-- Fragments: none
-- Parameters: none
CREATE OR REPLACE TEMP MACRO firehose_comparable(a, b) AS (
    regexp_extract_all(a::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1)
    = regexp_extract_all(b::VARCHAR, '([A-Za-z0-9_-]{1,32}):[0-9a-f]{64}', 1)
);
