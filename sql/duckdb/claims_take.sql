-- Claim a source, if nobody has it, or nobody any more. A file has one writer, so that nobody comes between.
-- Safe to repeat: whoever has it already keeps it, and since when.
-- Fragments: table
-- Parameters: source, holder, run_id, now, expires_at
MERGE INTO {{ table }} AS t
USING (
    SELECT
        :source AS source,
        :holder AS holder,
        :run_id AS run_id,
        :now::TIMESTAMP AS since,
        :expires_at::TIMESTAMP AS expires_at
) AS s
    ON t.source = s.source
WHEN MATCHED AND t.expires_at <= s.since THEN
    UPDATE SET
        holder = s.holder,
        run_id = s.run_id,
        since = s.since,
        expires_at = s.expires_at
WHEN NOT MATCHED THEN
    INSERT (source, holder, run_id, since, expires_at)
    VALUES (s.source, s.holder, s.run_id, s.since, s.expires_at);
