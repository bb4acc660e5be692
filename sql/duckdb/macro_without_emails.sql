-- A text in which every email address is replaced, those too that are spelled for a URL.
-- Safe to repeat: replaces a temporary macro of this connection.
-- Fragments: none
-- Parameters: none
CREATE OR REPLACE TEMP MACRO firehose_without_emails(x) AS regexp_replace(
    x,
    '[^\s<>"''(),:;@\[\]\\/?&]+(@|%40)[^\s<>"''(),:;@\[\]\\/?&=#]+\.[^\s<>"''(),:;@\[\]\\/?&=#.]+',
    '[email]', 'g'
);
