-- A text that says something; NULL for what only marks a missing value: blank, "null" in any case, "\N".
-- For columns that are no text: there a person may be called Null.
-- The same as macro_said for batches of many rows: it is longer, which costs 0.1 s to plan for each event type.
-- Most texts begin with a sign that none of these does, which is far cheaper to see than to trim.
-- Safe to repeat: replaces a temporary macro of this connection.
-- Fragments: none
-- Parameters: none
CREATE OR REPLACE TEMP MACRO firehose_said(x) AS CASE
    WHEN ascii(x) BETWEEN 33 AND 126 AND ascii(x) NOT IN (78, 92, 110) THEN x
    WHEN lower(trim(x)) NOT IN ('', 'null', '\n') THEN x
END;
