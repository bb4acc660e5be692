-- All events in one view: the columns that event types share, the others as JSON in "rest".
-- Safe to repeat: replaces the view by one over the tables and columns that are there now.
-- Fragments: view, parts
-- Parameters: none
CREATE OR REPLACE VIEW {{ view }} COPY GRANTS AS
{{ parts }};
