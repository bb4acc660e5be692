-- A text in which every phone number with a country's prefix is replaced.
-- Safe to repeat: replaces a temporary macro of this connection.
-- Fragments: none
-- Parameters: none
CREATE OR REPLACE TEMP MACRO firehose_without_phones(x) AS regexp_replace(
    x, '(\+|%2[Bb]|\b00)[ (]*[1-9]([ ()./-]{0,2}[0-9]){6,15}', '[phone]', 'g'
);
