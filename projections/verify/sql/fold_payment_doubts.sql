-- A doubt is there while the last that was heard of the operation is that nobody knows.
latest AS (
    SELECT DISTINCT ON (a.stream, a.operation, a.refund_id)
           a.stream, a.operation, a.refund_id, a.type, a.recorded_at, a.partition, a.position
    FROM (SELECT e.stream, e.version, e.type, e.recorded_at, e.partition, e.position,
                 lower(substr(e.data->>'operation', length('OPERATION_') + 1)) AS operation,
                 CASE e.data->>'operation' WHEN 'OPERATION_REFUND' THEN e.data->>'ref'
                                           ELSE '' END AS refund_id
          FROM seen AS e
          WHERE e.type IN ('payment.outcome_unknown', 'payment.reconciled')) AS a
    ORDER BY a.stream, a.operation, a.refund_id, a.version DESC
),
expected AS (
    SELECT concat_ws(' ', substr(l.stream, length('payment-') + 1), l.operation,
                     l.refund_id) AS key,
           ARRAY[l.recorded_at::text, l.partition::text, l.position::text] AS value
    FROM latest AS l
    WHERE l.type = 'payment.outcome_unknown'
),
found AS (
    SELECT concat_ws(' ', d.payment_id, d.operation, d.refund_id) AS key,
           ARRAY[d.since::text, d.partition::text, d.position::text] AS value
    FROM skald_read.payment_doubts_vN AS d
)
