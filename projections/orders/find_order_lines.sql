SELECT l.sku, l.title, l.department, l.quantity, l.unit_price, l.total, l.currency, l.ships,
       l.shipped, l.returned
FROM skald_read.order_lines_vN AS l
WHERE l.order_id = $1
ORDER BY l.line
