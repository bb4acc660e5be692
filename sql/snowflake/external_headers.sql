-- The first line of each CSV drop.
-- Safe to repeat: reads only.
-- Fragments: cells
-- Parameters: none
SELECT file, {{ cells }} FROM external_cells WHERE row_no = 1;
