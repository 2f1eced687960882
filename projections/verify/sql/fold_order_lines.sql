expected AS (
    SELECT substr(e.stream, length('order-') + 1) || ' ' || l.n AS key,
           ARRAY[l.line->>'sku', l.line->>'title', l.line->>'department', l.line->>'quantity',
                 l.line->'unit_price'->>'amount', l.line->'total'->>'amount',
                 l.line->'total'->>'currency', e.partition::text, e.position::text] AS value
    FROM seen AS e
    CROSS JOIN LATERAL jsonb_array_elements(e.data->'lines') WITH ORDINALITY AS l(line, n)
    WHERE e.type = 'order.placed'
),
found AS (
    SELECT l.order_id || ' ' || l.line AS key,
           ARRAY[l.sku, l.title, l.department, l.quantity::text, l.unit_price::text,
                 l.total::text, l.currency, l.partition::text, l.position::text] AS value
    FROM skald_read.order_lines_vN AS l
)
