-- Text to JSON in its shortest spelling; NULL where it is not valid JSON, and for a JSON null.
-- Safe to repeat: replaces a temporary macro of this connection.
-- Fragments: none
-- Parameters: none
CREATE OR REPLACE TEMP MACRO firehose_json(x) AS CASE WHEN json_valid(x) THEN nullif(json(x), 'null'::JSON) END;
