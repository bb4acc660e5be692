-- Whether a text begins as a JSON object or array does: by comparison, which costs a fraction of any function.
-- Safe to repeat: replaces a temporary macro of this connection.
-- Fragments: none
-- Parameters: none
CREATE OR REPLACE TEMP MACRO firehose_may_be_json(x) AS (x >= '[' AND x < '\') OR (x >= '{' AND x < '|');
