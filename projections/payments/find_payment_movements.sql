SELECT m.type, m.at, m.amount, m.refund_id
FROM skald_read.payment_movements_vN AS m
WHERE m.payment_id = $1
ORDER BY m.version
