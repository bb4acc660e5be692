-- How many values of columns may be JSON texts.
-- Safe to repeat: reads only.
-- Fragments: rows, more_counts
-- Parameters: none
SELECT count(r._seq) {{ more_counts }} FROM ({{ rows }}) AS r;
