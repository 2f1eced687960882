moved AS (
    SELECT e.stream, e.type, e.position, l.line->>'sku' AS sku,
           (l.line->>'quantity')::bigint AS quantity
    FROM seen AS e
    CROSS JOIN LATERAL jsonb_array_elements(e.data->'lines') AS l(line)
    WHERE e.type IN ('order.shipped', 'order.return_recorded', 'order.rest_cancelled')
),
summed AS (
    SELECT m.stream, m.sku, max(m.position) AS position,
           sum(m.quantity) FILTER (WHERE m.type = 'order.shipped') AS shipped,
           sum(m.quantity) FILTER (WHERE m.type = 'order.return_recorded') AS returned,
           sum(m.quantity) FILTER (WHERE m.type = 'order.rest_cancelled') AS cancelled
    FROM moved AS m
    GROUP BY m.stream, m.sku
),
-- When what needs no carrying became the customer's.
handed_over AS (
    SELECT e.stream, min(e.position) AS position
    FROM seen AS e
    WHERE e.type IN ('order.shipped', 'order.completed')
    GROUP BY e.stream
),
expected AS (
    SELECT substr(e.stream, length('order-') + 1) || ' ' || (l.line->>'sku') AS key,
           ARRAY[l.n::text, l.line->>'title', l.line->>'department', l.line->>'quantity',
                 l.line->'unit_price'->>'amount', l.line->'total'->>'amount',
                 l.line->'total'->>'currency',
                 -- Lines say whether they ship only since it can be that they do not.
                 coalesce(l.line->>'ships', 'true'), 
                 CASE WHEN h.stream IS NOT NULL THEN l.line->>'quantity'
                      ELSE coalesce(s.shipped, 0)::text END,
                 coalesce(s.returned, 0)::text, coalesce(s.cancelled, 0)::text, e.partition::text,
                 greatest(e.position, s.position, h.position)::text] AS value
    FROM seen AS e
    CROSS JOIN LATERAL jsonb_array_elements(e.data->'lines') WITH ORDINALITY AS l(line, n)
    LEFT JOIN summed AS s ON s.stream = e.stream AND s.sku = l.line->>'sku'
    LEFT JOIN handed_over AS h ON h.stream = e.stream AND l.line->>'ships' = 'false'
    WHERE e.type = 'order.placed'
),
found AS (
    SELECT l.order_id || ' ' || l.sku AS key,
           ARRAY[l.line::text, l.title, l.department, l.quantity::text, l.unit_price::text,
                 l.total::text, l.currency, l.ships::text, l.shipped::text, l.returned::text,
                 l.cancelled::text, l.partition::text, l.position::text] AS value
    FROM skald_read.order_lines_vN AS l
)
