-- Texts that are looked through, each with the class of personal data that it is, if that is known.
-- Safe to repeat: replaces a temporary table of this connection.
-- Fragments: none
-- Parameters: place, pii, text
CREATE OR REPLACE TEMP TABLE forgotten_texts AS
SELECT
    unnest(:place::BIGINT[]) AS place,
    unnest(:pii::VARCHAR[]) AS pii,
    unnest(:text::VARCHAR[]) AS text;
