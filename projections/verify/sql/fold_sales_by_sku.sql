lines AS (
    SELECT e.stream, e.partition, e.position,
           ((e.data->>'placed_at')::timestamptz AT TIME ZONE 'UTC')::date AS day,
           l.line->>'sku' AS sku,
           l.line->>'sku' AS line_sku,
           l.line->'total'->>'currency' AS currency,
           (l.line->>'quantity')::bigint AS units,
           (l.line->'unit_price'->>'amount')::bigint AS price,
           (l.line->'total'->>'amount')::bigint AS revenue
    FROM seen AS e
    CROSS JOIN LATERAL jsonb_array_elements(e.data->'lines') AS l(line)
    WHERE e.type = 'order.placed'
),
placed AS (
    SELECT p.stream, p.partition, p.position, p.day, p.sku, p.currency,
           sum(p.units) AS units, sum(p.revenue) AS revenue
    FROM lines AS p
    GROUP BY p.stream, p.partition, p.position, p.day, p.sku, p.currency
),
-- Cancelled before it was confirmed, it never was sold.
counted AS (
    SELECT 'placed' AS basis, e.stream, e.position, 1 AS orders
    FROM seen AS e
    WHERE e.type = 'order.placed'
    UNION ALL
    SELECT 'sold', c.stream, c.position, 1
    FROM seen AS c
    WHERE c.type = 'order.confirmed'
    UNION ALL
    SELECT 'sold', x.stream, x.position, -1
    FROM seen AS x
    JOIN seen AS c ON c.stream = x.stream AND c.type = 'order.confirmed'
    WHERE x.type = 'order.cancelled'
),
rest AS (
    SELECT r.stream, r.position, p.sku, sum((l.line->>'quantity')::bigint) AS units,
           sum((l.line->>'quantity')::bigint * p.price) AS revenue
    FROM seen AS r
    CROSS JOIN LATERAL jsonb_array_elements(r.data->'lines') AS l(line)
    JOIN lines AS p ON p.stream = r.stream AND p.line_sku = l.line->>'sku'
    WHERE r.type = 'order.rest_cancelled'
    GROUP BY r.stream, r.position, p.sku
),
changed AS (
    SELECT c.basis, p.day, p.currency, p.partition, p.sku, c.position, c.orders,
           c.orders * p.units AS units, c.orders * p.revenue AS revenue
    FROM counted AS c
    JOIN placed AS p ON p.stream = c.stream
    UNION ALL
    -- An order counts as long as some of it is sold.
    SELECT 'sold', p.day, p.currency, p.partition, p.sku, r.position,
           CASE WHEN r.units = p.units THEN -1 ELSE 0 END, -r.units, -r.revenue
    FROM rest AS r
    JOIN placed AS p ON p.stream = r.stream AND p.sku = r.sku
),
expected AS (
    SELECT concat_ws(' ', c.basis, c.day, c.currency, c.partition, c.sku) AS key,
           ARRAY[sum(c.orders), sum(c.units), sum(c.revenue), max(c.position)] AS value
    FROM changed AS c
    GROUP BY c.basis, c.day, c.currency, c.partition, c.sku
),
found AS (
    SELECT concat_ws(' ', s.basis, s.day, s.currency, s.partition, s.sku) AS key,
           ARRAY[s.orders::numeric, s.units, s.revenue, s.position] AS value
    FROM skald_read.sales_by_sku_vN AS s
)
