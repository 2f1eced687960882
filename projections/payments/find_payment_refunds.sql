SELECT r.refund_id, r.amount, r.reason, r.status, r.code, r.requested_at
FROM skald_read.payment_refunds_vN AS r
WHERE r.payment_id = $1
ORDER BY r.version
