-- Make a view, or make it anew.
-- Safe to repeat: replaces the view by one over the tables and columns that are there now.
-- Fragments: view, query
-- Parameters: none
CREATE OR REPLACE VIEW {{ view }} AS
{{ query }};
