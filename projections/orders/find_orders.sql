-- The orders $1 with all that belongs to them: a row for each order (part 0, the columns of
-- list_orders.sql), then rows for its lines (1), for the units of its shipments and returns (2) and
-- for what happened to it (3), which put what they have into columns of the same type; place is
-- their order within the part.
SELECT o.id, o.account, o.status, o.reason, o.total_amount, o.currency, o.payment_method,
       o.line_count, o.version, o.placed_at, o.updated_at, o.payment_id, o.refund_due,
       o.rest_cancelled, 0 AS part, 0::bigint AS place, 0::bigint AS returned, false AS ships
FROM skald_read.orders_vN AS o
WHERE o.id = ANY ($1)
UNION ALL
SELECT l.order_id, l.sku, l.title, l.department, l.quantity, l.currency, NULL,
       l.unit_price, l.total, NULL, NULL, NULL, l.shipped,
       l.cancelled, 1, l.line, l.returned, l.ships
FROM skald_read.order_lines_vN AS l
WHERE l.order_id = ANY ($1)
UNION ALL
SELECT p.order_id, p.sku, NULL, NULL, p.quantity, NULL, NULL,
       NULL, NULL, NULL, NULL, NULL, NULL,
       NULL, 2, p.version, NULL, NULL
FROM skald_read.order_portions_vN AS p
WHERE p.order_id = ANY ($1)
UNION ALL
SELECT t.order_id, t.type, t.detail, NULL, t.refund, NULL, NULL,
       NULL, NULL, t.at, NULL, NULL, NULL,
       NULL, 3, t.version, NULL, NULL
FROM skald_read.order_timeline_vN AS t
WHERE t.order_id = ANY ($1)
