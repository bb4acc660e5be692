-- Text that names an event to its 128-bit key: the UUID it spells, else a hash of the text. NULL for
-- what only stands for "no id": a blank text, "null", "\N", the nil UUID in any spelling. Most texts
-- are UUIDs, hence these first.
-- Safe to repeat: replaces a temporary macro of this connection.
-- Fragments: none
-- Parameters: none
CREATE OR REPLACE TEMP MACRO firehose_key(x) AS CASE
    WHEN TRY_CAST(x AS UUID) <> '00000000-0000-0000-0000-000000000000'::UUID THEN TRY_CAST(x AS UUID)
    WHEN firehose_said(x) IS NOT NULL THEN nullif(
        coalesce(TRY_CAST(trim(x) AS UUID), md5(trim(x))::UUID),
        '00000000-0000-0000-0000-000000000000'::UUID
    )
END;
