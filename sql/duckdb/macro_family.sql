-- The family of a user agent: what a program that opens mails or pages is called, without its version,
-- its system and its device.
-- Safe to repeat: replaces a temporary macro of this connection.
-- Fragments: none
-- Parameters: none
CREATE OR REPLACE TEMP MACRO firehose_family(x) AS CASE
    WHEN trim(x) = '' THEN NULL
    WHEN regexp_matches(x, '(?i)bot\b|bot/|crawl|spider|^Robot$') THEN 'Robot'
    WHEN regexp_matches(x, '(?i)GoogleImageProxy|^Gmail') THEN 'Gmail'
    WHEN regexp_matches(x, '(?i)YahooMailProxy|^Yahoo Mail') THEN 'Yahoo Mail'
    WHEN regexp_matches(x, '(?i)outlook|MSOffice|ms-office') THEN 'Outlook'
    WHEN regexp_matches(x, '(?i)thunderbird') THEN 'Thunderbird'
    WHEN regexp_matches(x, '\bEdg(e|A|iOS)?\b') THEN 'Edge'
    WHEN regexp_matches(x, '\bOPR/|^Opera') THEN 'Opera'
    WHEN regexp_matches(x, 'Samsung ?Browser') THEN 'Samsung Browser'
    WHEN regexp_matches(x, 'Firefox|FxiOS') THEN 'Firefox'
    WHEN regexp_matches(x, 'Chrome|CriOS|Chromium') THEN 'Chrome'
    WHEN regexp_matches(x, 'MSIE|Trident|^Internet Explorer') THEN 'Internet Explorer'
    WHEN contains(x, 'Safari') THEN 'Safari'
    WHEN regexp_matches(x, 'AppleWebKit|^Apple Mail') THEN 'Apple Mail'
    ELSE 'other'
END;
