-- Whether the tables of the loader are of the version that a script was made for: 1 or 0.
-- Safe to repeat: reads only.
-- Fragments: last, number
-- Parameters: none
SELECT count(*) FROM ({{ last }}) AS t WHERE t.version = {{ number }};
