-- Whether two JSON objects agree in every member that both have.
-- Safe to repeat: replaces a temporary macro of this connection.
-- Fragments: none
-- Parameters: none
CREATE OR REPLACE TEMP MACRO firehose_same_json(a, b) AS list_bool_and(list_transform(
    list_intersect(json_keys(a), json_keys(b)),
    lambda k: json_extract(a, '/' || replace(replace(k, '~', '~0'), '/', '~1'))
    = json_extract(b, '/' || replace(replace(k, '~', '~0'), '/', '~1'))
));
