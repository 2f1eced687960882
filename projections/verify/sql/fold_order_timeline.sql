expected AS (
    SELECT substr(e.stream, length('order-') + 1) || ' ' || e.version AS key,
           ARRAY[e.type,
                 CASE e.type WHEN 'order.placed' THEN (e.data->>'placed_at')::timestamptz
                             ELSE e.recorded_at END::text,
                 -- A return has a reason too, but goes by its id.
                 coalesce(e.data->>'payment_id', e.data->>'shipment_id', e.data->>'return_id',
                          e.data->>'reason'),
                 coalesce(e.data->'refund_due'->>'amount', e.data->'refund'->>'amount', '0'),
                 e.partition::text, e.position::text] AS value
    FROM seen AS e
    WHERE e.stream LIKE 'order-%'
),
found AS (
    SELECT t.order_id || ' ' || t.version AS key,
           ARRAY[t.type, t.at::text, t.detail, t.refund::text, t.partition::text,
                 t.position::text] AS value
    FROM skald_read.order_timeline_vN AS t
)
