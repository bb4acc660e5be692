-- Copy schemas, tables, rows, views and all else into the new file.
-- Safe to repeat: the new file is begun anew each time.
-- Fragments: old, new
-- Parameters: none
COPY FROM DATABASE {{ old }} TO {{ new }};
