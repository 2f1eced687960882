-- The end of a refund, where it has one.
ends AS (
    SELECT e.stream, e.data->>'refund_id' AS refund_id,
           CASE e.type WHEN 'payment.refunded' THEN 'refunded' ELSE 'failed' END AS status,
           e.data->>'code' AS code, e.position
    FROM seen AS e
    WHERE e.type IN ('payment.refunded', 'payment.refund_failed')
),
expected AS (
    SELECT substr(e.stream, length('payment-') + 1) || ' ' || (e.data->>'refund_id') AS key,
           ARRAY[e.version::text, e.data->'amount'->>'amount', e.data->>'reason',
                 coalesce(n.status, 'requested'), n.code, e.recorded_at::text,
                 e.partition::text, coalesce(n.position, e.position)::text] AS value
    FROM seen AS e
    LEFT JOIN ends AS n ON n.stream = e.stream AND n.refund_id = e.data->>'refund_id'
    WHERE e.type = 'payment.refund_requested'
),
found AS (
    SELECT r.payment_id || ' ' || r.refund_id AS key,
           ARRAY[r.version::text, r.amount::text, r.reason, r.status, r.code,
                 r.requested_at::text, r.partition::text, r.position::text] AS value
    FROM skald_read.payment_refunds_vN AS r
)
