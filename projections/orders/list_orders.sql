SELECT o.id, o.account, o.status, o.reason, o.total_amount, o.currency, o.payment_method,
       o.line_count, o.version, o.placed_at, o.updated_at, o.payment_id, o.refund_due,
       o.rest_cancelled
FROM skald_read.orders_vN AS o
WHERE true{where}
ORDER BY {order}
LIMIT {limit}
