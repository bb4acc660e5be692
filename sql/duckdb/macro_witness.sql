-- The hash of what never changes: where it is another one, the engine hashes otherwise than before, and
-- digests say nothing.
-- Safe to repeat: replaces a temporary macro of this connection.
-- Fragments: none
-- Parameters: none
CREATE OR REPLACE TEMP MACRO firehose_witness() AS hash(
    'firehose', 'a text that is longer than twelve bytes', 1::BIGINT, 0.5::DOUBLE, true,
    TIMESTAMP '2026-01-05 10:00:00', DATE '2026-01-05', '00000000-0000-0000-0000-000000000001'::UUID, NULL
);
