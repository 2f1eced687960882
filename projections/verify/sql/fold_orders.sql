expected AS (
    SELECT substr(e.stream, length('order-') + 1) AS key,
           ARRAY[e.data->>'account', 'pending', NULL, e.data->'total'->>'amount',
                 e.data->'total'->>'currency', e.data->>'payment_method',
                 jsonb_array_length(e.data->'lines')::text, e.version::text,
                 (e.data->>'placed_at')::timestamptz::text, e.recorded_at::text,
                 e.partition::text, e.position::text] AS value
    FROM seen AS e
    WHERE e.type = 'order.placed'
),
found AS (
    SELECT o.id AS key,
           ARRAY[o.account, o.status, o.reason, o.total_amount::text, o.currency,
                 o.payment_method, o.line_count::text, o.version::text, o.placed_at::text,
                 o.updated_at::text, o.partition::text, o.position::text] AS value
    FROM skald_read.orders_vN AS o
)
