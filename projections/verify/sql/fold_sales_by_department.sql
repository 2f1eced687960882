placed AS (
    SELECT e.stream, e.partition, e.position,
           ((e.data->>'placed_at')::timestamptz AT TIME ZONE 'UTC')::date AS day,
           coalesce(l.line->>'department', '') AS department,
           l.line->'total'->>'currency' AS currency,
           sum((l.line->>'quantity')::bigint) AS units,
           sum((l.line->'total'->>'amount')::bigint) AS revenue
    FROM seen AS e
    CROSS JOIN LATERAL jsonb_array_elements(e.data->'lines') AS l(line)
    WHERE e.type = 'order.placed'
    GROUP BY e.stream, e.partition, e.position, 4, 5, 6
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
expected AS (
    SELECT concat_ws(' ', c.basis, p.day, p.currency, p.partition, p.department) AS key,
           ARRAY[sum(c.orders), sum(c.orders * p.units), sum(c.orders * p.revenue),
                 max(c.position)] AS value
    FROM counted AS c
    JOIN placed AS p ON p.stream = c.stream
    GROUP BY c.basis, p.day, p.currency, p.partition, p.department
),
found AS (
    SELECT concat_ws(' ', s.basis, s.day, s.currency, s.partition, s.department) AS key,
           ARRAY[s.orders::numeric, s.units, s.revenue, s.position] AS value
    FROM skald_read.sales_by_department_vN AS s
)
