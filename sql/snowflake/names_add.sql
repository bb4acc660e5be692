-- Note how names of one kind are stored.
-- Safe to repeat: it runs only behind names_forget; a row that is there twice says the same.
-- Fragments: table
-- Parameters: kind, name, stored
INSERT INTO {{ table }} (kind, name, stored) VALUES (:kind, :name, :stored);
