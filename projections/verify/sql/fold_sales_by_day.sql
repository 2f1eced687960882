placed AS (
    SELECT e.partition, e.position,
           ((e.data->>'placed_at')::timestamptz AT TIME ZONE 'UTC')::date AS day,
           e.data->'total'->>'currency' AS currency,
           (e.data->'total'->>'amount')::bigint AS revenue,
           (SELECT sum((l.line->>'quantity')::bigint)
            FROM jsonb_array_elements(e.data->'lines') AS l(line)) AS units
    FROM seen AS e
    WHERE e.type = 'order.placed'
),
expected AS (
    SELECT concat_ws(' ', 'placed', p.day, p.currency, p.partition) AS key,
           ARRAY[count(*), sum(p.units), sum(p.revenue), max(p.position)] AS value
    FROM placed AS p
    GROUP BY p.day, p.currency, p.partition
),
found AS (
    SELECT concat_ws(' ', s.basis, s.day, s.currency, s.partition) AS key,
           ARRAY[s.orders::numeric, s.units, s.revenue, s.position] AS value
    FROM skald_read.sales_by_day_vN AS s
)
