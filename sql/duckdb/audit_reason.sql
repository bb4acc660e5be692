-- What is set aside for another reason than its file gives, under the schema version that judged it. A row of a
-- person who was forgotten may have named them in the row only that it repeats.
-- Safe to repeat: touches only a temporary table.
-- Fragments: none
-- Parameters: none
INSERT INTO audit_found
SELECT
    'set_aside', a.drop_id, a.row_no, 'reason',
    coalesce(concat_ws(' ', t.event_type, s.reason, s.field), 'none'),
    concat_ws(' ', a.event_type, a.reason, a.field)
FROM audit_accounts AS a
INNER JOIN audit_numbers AS n ON a.drop_id = n.drop_id
INNER JOIN audit_types AS o ON a.event_type = o.event_type AND a.schema_version = o.version
INNER JOIN audit_drops AS d ON a.drop_id = d.drop_id AND a.row_no BETWEEN 1 AND d.rows_there
LEFT JOIN staged_faults AS s ON n.drop_no = s.drop_no AND a.row_no = s.row_no
LEFT JOIN audit_types AS t ON s.type_no = t.type_no
WHERE
    a.place = 'quarantine'
    AND a.state <> 'retried'
    AND a.reason NOT IN ('conflict', 'forgotten')
    AND (
        a.reason IS DISTINCT FROM s.reason
        OR a.field IS DISTINCT FROM s.field
        OR a.event_type IS DISTINCT FROM t.event_type
    );
