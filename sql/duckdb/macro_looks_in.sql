-- What in a text looks like an email address, like a phone number with a country's prefix, or is a pseudonym.
-- Safe to repeat: replaces a temporary macro of this connection.
-- Fragments: none
-- Parameters: none
CREATE OR REPLACE TEMP MACRO firehose_looks_in(x) AS (
    list_transform(
        regexp_extract_all(x, '[^\x00-\x20<>"(),:;=@\[\]\\/?&]+@[\pL\pN-]+(\.[\pL\pN-]+)+')
        || regexp_extract_all(x, '[\pL\pN][\pL\pN._+-]*@[\pL\pN-]+(\.[\pL\pN-]+)+'),
        lambda one: { 'pii': 'email', 'plain': firehose_plain_email(one) }
    )
    || list_transform(
        regexp_extract_all(x, '(\+|\b00)[ (]*[1-9]([ ()./-]{0,2}[0-9]){6,15}'),
        lambda one: { 'pii': 'phone', 'plain': firehose_plain_phone(one) }
    )
    || list_transform(
        regexp_extract_all(x, '[A-Za-z0-9_-]{1,32}:[0-9a-f]{64}'),
        lambda one: { 'pii': 'pseudonym', 'plain': one }
    )
);
