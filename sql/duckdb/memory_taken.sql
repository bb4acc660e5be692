-- How many bytes of memory the engine holds, of files and of its own.
-- Safe to repeat: reads only.
-- Fragments: none
-- Parameters: none
SELECT coalesce(sum(memory_usage_bytes), 0)::BIGINT FROM duckdb_memory();
