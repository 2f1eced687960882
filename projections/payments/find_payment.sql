SELECT p.id, p.order_id, p.method, p.amount, p.currency, p.authorisation, p.code, p.capturing,
       p.voiding, p.captured, p.refunded, p.version, p.created_at, p.updated_at,
       coalesce(a.amount, 0) AS authorised,
       coalesce(a.expires_at, p.created_at) AS expires_at,
       EXISTS (SELECT 1
               FROM skald_read.payment_doubts_vN AS d
               WHERE d.payment_id = p.id) AS unknown
FROM skald_read.payments_vN AS p
LEFT JOIN skald_read.payment_promises_vN AS a ON a.payment_id = p.id
WHERE p.id = $1
