-- The payment $1; refunds and movements as JSON, in their order, times in microseconds since the
-- Unix epoch.
SELECT p.id, p.order_id, p.method, p.amount, p.currency, p.authorisation, p.code, p.capturing,
       p.voiding, p.captured, p.refunded, p.version, p.created_at, p.updated_at,
       coalesce(a.amount, 0) AS authorised,
       coalesce(a.expires_at, p.created_at) AS expires_at,
       EXISTS (SELECT 1
               FROM skald_read.payment_doubts_vN AS d
               WHERE d.payment_id = p.id) AS unknown,
       (SELECT coalesce(json_agg(json_build_array(
                   r.refund_id, r.amount, r.reason, r.status, r.code,
                   (extract(epoch FROM r.requested_at) * 1000000)::bigint) ORDER BY r.version),
               '[]')::text
        FROM skald_read.payment_refunds_vN AS r
        WHERE r.payment_id = p.id) AS refunds,
       (SELECT coalesce(json_agg(json_build_array(
                   m.type, (extract(epoch FROM m.at) * 1000000)::bigint, m.amount, m.refund_id)
                   ORDER BY m.version),
               '[]')::text
        FROM skald_read.payment_movements_vN AS m
        WHERE m.payment_id = p.id) AS movements
FROM skald_read.payments_vN AS p
LEFT JOIN skald_read.payment_promises_vN AS a ON a.payment_id = p.id
WHERE p.id = $1
