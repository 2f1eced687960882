SELECT p.version, p.sku, p.quantity
FROM skald_read.order_portions_vN AS p
WHERE p.order_id = $1
ORDER BY p.version, p.sku
