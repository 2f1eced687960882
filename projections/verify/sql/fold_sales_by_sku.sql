lines AS (
    SELECT e.partition, e.position, e.stream,
           ((e.data->>'placed_at')::timestamptz AT TIME ZONE 'UTC')::date AS day,
           l.line->>'sku' AS sku,
           l.line->'total'->>'currency' AS currency,
           (l.line->>'quantity')::bigint AS units,
           (l.line->'total'->>'amount')::bigint AS revenue
    FROM seen AS e
    CROSS JOIN LATERAL jsonb_array_elements(e.data->'lines') AS l(line)
    WHERE e.type = 'order.placed'
),
expected AS (
    SELECT concat_ws(' ', 'placed', l.day, l.currency, l.partition, l.sku) AS key,
           ARRAY[count(DISTINCT l.stream), sum(l.units), sum(l.revenue), max(l.position)] AS value
    FROM lines AS l
    GROUP BY l.day, l.currency, l.partition, l.sku
),
found AS (
    SELECT concat_ws(' ', s.basis, s.day, s.currency, s.partition, s.sku) AS key,
           ARRAY[s.orders::numeric, s.units, s.revenue, s.position] AS value
    FROM skald_read.sales_by_sku_vN AS s
)
