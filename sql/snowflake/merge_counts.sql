-- What became of the rows, by drop and event type.
-- Safe to repeat: reads only.
-- Fragments: none
-- Parameters: none
SELECT drop_no, type_no, fate, count(*)
FROM (
    SELECT k.drop_no, k.type_no, CASE WHEN d.seq IS NULL THEN 'inserted' ELSE coalesce(d.fate, 'unjudged') END AS fate
    FROM staged_keys AS k
    LEFT JOIN staged_duplicates AS d ON k.seq = d.seq
    UNION ALL
    SELECT f.drop_no, f.type_no, CASE f.reason WHEN 'expired' THEN 'expired' ELSE 'quarantined' END AS fate
    FROM staged_faults AS f
)
GROUP BY drop_no, type_no, fate;
