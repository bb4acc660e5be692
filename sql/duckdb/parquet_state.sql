-- What tells whether the loader changed rows of one event table: its notes of what they say, and when the last one was
-- loaded.
-- Safe to repeat: reads only.
-- Fragments: digests, table
-- Parameters: table_name
SELECT
    coalesce(sum(row_count), 0)::BIGINT,
    coalesce(bit_xor(hash(drop_id, row_count, digest, witness)), 0),
    (SELECT max(_loaded_at)::VARCHAR FROM {{ table }})
FROM {{ digests }}
WHERE table_name = :table_name;
