-- A text that says something; NULL for what only marks a missing value: blank, "null" in any case, "\N".
-- For columns that are no text: there a person may be called Null.
-- Safe to repeat: replaces a temporary macro of this connection.
-- Fragments: none
-- Parameters: none
CREATE OR REPLACE TEMP MACRO firehose_said(x) AS CASE WHEN lower(trim(x)) NOT IN ('', 'null', '\n') THEN x END;
