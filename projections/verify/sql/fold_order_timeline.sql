expected AS (
    SELECT substr(e.stream, length('order-') + 1) || ' ' || e.version AS key,
           ARRAY[e.type, (e.data->>'placed_at')::timestamptz::text, e.partition::text,
                 e.position::text] AS value
    FROM seen AS e
    WHERE e.type = 'order.placed'
),
found AS (
    SELECT t.order_id || ' ' || t.version AS key,
           ARRAY[t.type, t.at::text, t.partition::text, t.position::text] AS value
    FROM skald_read.order_timeline_vN AS t
)
