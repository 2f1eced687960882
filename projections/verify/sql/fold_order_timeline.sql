expected AS (
    SELECT substr(e.stream, length('order-') + 1) || ' ' || e.version AS key,
           ARRAY[e.type,
                 CASE e.type WHEN 'order.placed' THEN (e.data->>'placed_at')::timestamptz
                             ELSE e.recorded_at END::text, e.partition::text,
                 e.position::text] AS value
    FROM seen AS e
    WHERE e.type IN ('order.placed', 'order.confirmed', 'order.rejected',
                     'order.cancel_requested', 'order.cancelled', 'order.completed')
),
found AS (
    SELECT t.order_id || ' ' || t.version AS key,
           ARRAY[t.type, t.at::text, t.partition::text, t.position::text] AS value
    FROM skald_read.order_timeline_vN AS t
)
