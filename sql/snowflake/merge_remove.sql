-- Take out the rows that newer ones replace.
-- Safe to repeat: within the transaction that puts the newer ones in.
-- Fragments: table
-- Parameters: type_no
DELETE FROM {{ table }}
WHERE "_KEY" IN (SELECT _key FROM staged_duplicates WHERE type_no = :type_no AND fate = 'updated');
