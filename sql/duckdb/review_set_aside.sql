-- What is in quarantine, the first rows for each reason; texts masked.
-- Safe to repeat: reads only.
-- Fragments: table
-- Parameters: rows
SELECT row_no, line, event_type, reason, field, message, firehose_masked(raw)
FROM {{ table }}
QUALIFY row_number() OVER (PARTITION BY reason ORDER BY row_no) <= :rows
ORDER BY reason, row_no;
