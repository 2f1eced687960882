placed AS (
    SELECT e.stream, e.partition, e.position,
           ((e.data->>'placed_at')::timestamptz AT TIME ZONE 'UTC')::date AS day,
           e.data->'total'->>'currency' AS currency,
           (e.data->'total'->>'amount')::bigint AS revenue,
           (SELECT sum((l.line->>'quantity')::bigint)
            FROM jsonb_array_elements(e.data->'lines') AS l(line)) AS units
    FROM seen AS e
    WHERE e.type = 'order.placed'
),
-- Cancelled before it was confirmed, it never was sold.
counted AS (
    SELECT 'placed' AS basis, p.stream, p.position, 1 AS orders
    FROM placed AS p
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
changed AS (
    SELECT c.basis, c.stream, c.position, c.orders, c.orders * p.units AS units,
           c.orders * p.revenue AS revenue
    FROM counted AS c
    JOIN placed AS p ON p.stream = c.stream
    UNION ALL
    -- Something of it is sold all the same.
    SELECT 'sold', r.stream, r.position, 0,
           -(SELECT sum((l.line->>'quantity')::bigint)
             FROM jsonb_array_elements(r.data->'lines') AS l(line)),
           -(r.data->'total'->>'amount')::bigint
    FROM seen AS r
    WHERE r.type = 'order.rest_cancelled'
),
expected AS (
    SELECT concat_ws(' ', c.basis, p.day, p.currency, p.partition) AS key,
           ARRAY[sum(c.orders), sum(c.units), sum(c.revenue), max(c.position)] AS value
    FROM changed AS c
    JOIN placed AS p ON p.stream = c.stream
    GROUP BY c.basis, p.day, p.currency, p.partition
),
found AS (
    SELECT concat_ws(' ', s.basis, s.day, s.currency, s.partition) AS key,
           ARRAY[s.orders::numeric, s.units, s.revenue, s.position] AS value
    FROM skald_read.sales_by_day_vN AS s
)
