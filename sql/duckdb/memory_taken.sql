-- How many bytes of memory the engine holds, of files and of its own, and how many threads it has.
-- Safe to repeat: reads only.
-- Fragments: none
-- Parameters: none
SELECT coalesce(sum(memory_usage_bytes), 0)::BIGINT, current_setting('threads')::INTEGER FROM duckdb_memory();
