-- What two spellings of the same rescued texts share: names are folded and put in order.
-- Safe to repeat: replaces a temporary macro of this connection.
-- Fragments: none
-- Parameters: none
CREATE OR REPLACE TEMP MACRO firehose_rescued(x) AS array_to_string(list_sort(list_transform(
    json_keys(x),
    lambda k: firehose_fold(k) || '=' || json_extract_string(x, '/' || replace(replace(k, '~', '~0'), '/', '~1'))
)), ';');
