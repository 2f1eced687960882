expected AS (
    SELECT concat_ws(' ', substr(e.stream, length('order-') + 1), e.version,
                     l.line->>'sku') AS key,
           ARRAY[l.line->>'quantity', e.partition::text, e.position::text] AS value
    FROM seen AS e
    CROSS JOIN LATERAL jsonb_array_elements(e.data->'lines') AS l(line)
    WHERE e.type IN ('order.shipped', 'order.return_recorded')
),
found AS (
    SELECT concat_ws(' ', p.order_id, p.version, p.sku) AS key,
           ARRAY[p.quantity::text, p.partition::text, p.position::text] AS value
    FROM skald_read.order_portions_vN AS p
)
