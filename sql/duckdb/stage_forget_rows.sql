-- Give up the view of a shape's rows.
-- Safe to repeat: does nothing where it is gone.
-- Fragments: view
-- Parameters: none
DROP VIEW IF EXISTS {{ view }};
