SELECT o.status
FROM skald_read.orders_vN AS o
WHERE o.id = $1
