latest AS (
    SELECT DISTINCT ON (e.stream, e.data->>'sku')
           substr(e.stream, length('cart-') + 1) AS cart_id, e.data->>'sku' AS sku, e.type,
           e.data->>'quantity' AS quantity, e.partition, e.position
    FROM seen AS e
    WHERE e.type IN ('cart.item_set', 'cart.item_removed')
    ORDER BY e.stream, e.data->>'sku', e.version DESC
),
expected AS (
    SELECT l.cart_id || ' ' || l.sku AS key,
           ARRAY[l.quantity, l.partition::text, l.position::text] AS value
    FROM latest AS l
    WHERE l.type = 'cart.item_set'
),
found AS (
    SELECT i.cart_id || ' ' || i.sku AS key,
           ARRAY[i.quantity::text, i.partition::text, i.position::text] AS value
    FROM skald_read.cart_items_vN AS i
)
