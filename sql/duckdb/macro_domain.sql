-- The domain of an email address; NULL where it is none.
-- Safe to repeat: replaces a temporary macro of this connection.
-- Fragments: none
-- Parameters: none
CREATE OR REPLACE TEMP MACRO firehose_domain(x) AS nullif(
    regexp_extract(firehose_plain_email(x), '@([^@\s<>"''(),:;/?&#]+)$', 1), ''
);
