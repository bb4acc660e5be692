-- Text to JSON in its shortest spelling; NULL where it is not valid JSON, and for a JSON null.
-- The engine alone would let NaN and Infinity pass, which other readers of JSON refuse: they may stand
-- in strings only. Few texts have the letters at all, so that the dear look is rare.
-- Safe to repeat: replaces a temporary macro of this connection.
-- Fragments: none
-- Parameters: none
CREATE OR REPLACE TEMP MACRO firehose_json(x) AS CASE
    WHEN NOT json_valid(x) THEN NULL
    WHEN
        (contains(lower(x), 'nan') OR contains(lower(x), 'inf'))
        AND NOT regexp_full_match(x, '(?:[^"nNiI]|null|"(?:[^"\\]|\\.)*")*', 's')
        THEN NULL
    ELSE nullif(json(x), 'null'::JSON)
END;
