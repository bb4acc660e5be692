-- What a task calls: a script that reads, judges and merges the plain drops of one source.
-- Safe to repeat: replaces it.
-- Fragments: procedure, body
-- Parameters: none
CREATE OR REPLACE PROCEDURE {{ procedure }}()
RETURNS VARCHAR
LANGUAGE SQL
EXECUTE AS CALLER
AS
$$
{{ body }}
$$;
