-- How many values there are in columns of the first rows, and about how many different ones.
-- Safe to repeat: reads only.
-- Fragments: rows, more_counts
-- Parameters: first_rows
SELECT count(r._seq) {{ more_counts }} FROM (SELECT r.* FROM ({{ rows }}) AS r LIMIT :first_rows) AS r;
