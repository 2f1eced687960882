SELECT c.id, c.account, c.order_id, c.version, c.created_at, c.updated_at,
       (SELECT coalesce(json_agg(json_build_array(i.sku, i.quantity) ORDER BY i.sku), '[]')::text
        FROM skald_read.cart_items_vN AS i
        WHERE i.cart_id = c.id) AS items
FROM skald_read.carts_vN AS c
WHERE c.id = $1
