-- Who is named in a text: every email address, phone number, contact id and pseudonym in it, each in the spelling in
-- which it is hashed. A text of a known class is one as a whole, too; else looks and the names of members tell.
-- Safe to repeat: replaces a temporary macro of this connection.
-- Fragments: none
-- Parameters: none
CREATE OR REPLACE TEMP MACRO firehose_mentions(pii, x) AS (
    CASE pii
        WHEN 'email' THEN [{ 'pii': 'email', 'plain': firehose_plain_email(x) }]
        WHEN 'phone' THEN [{ 'pii': 'phone', 'plain': firehose_plain_phone(x) }]
        WHEN 'id' THEN firehose_ids_in(x)
        ELSE []
    END
    || CASE
        WHEN firehose_is_phone(x) THEN [{ 'pii': 'phone', 'plain': firehose_plain_phone(x) }]
        ELSE []
    END
    || CASE
        WHEN contains(x, '%') OR contains(x, '\')
            THEN
                firehose_looks_in(x)
                || firehose_looks_in(regexp_replace(url_decode(x), '\\[nrtbf"/]', ' ', 'g'))
        WHEN firehose_may_be_personal(x) THEN firehose_looks_in(x)
        ELSE []
    END
    || CASE
        WHEN contains(x, '"')
            THEN firehose_ids_in(array_to_string(regexp_extract_all(
                x, '(?i)contact[_ .-]?ids?\\*"\s*:\s*(\[[^\]]*\]|\\*"?[^"\\,}\]\s]+)', 1
            ), ' '))
            || list_transform(
                regexp_extract_all(
                    x,
                    '(?i)(phones?|tel|fax|mobiles?|msisdns?|cell|sms[_ .-]?number|(mobile|phone)[_ .-]?(number|no))'
                    || '[_ .-]?[0-9]*\\*"\s*:\s*\\*"?([^"\\,}\]]+)', 4
                ),
                lambda one: { 'pii': 'phone', 'plain': firehose_plain_phone(one) }
            )
        ELSE []
    END
);
