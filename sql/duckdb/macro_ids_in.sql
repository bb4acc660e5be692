-- Every id in a text that is one, or a list of some.
-- Safe to repeat: replaces a temporary macro of this connection.
-- Fragments: none
-- Parameters: none
CREATE OR REPLACE TEMP MACRO firehose_ids_in(x) AS list_transform(
    regexp_extract_all(x, '[^\[\]"\\,\s]+'), lambda one: { 'pii': 'id', 'plain': firehose_plain_id(one) }
);
