last AS (
    SELECT DISTINCT ON (e.stream) e.stream, e.type, e.version, e.recorded_at, e.position
    FROM seen AS e
    WHERE e.type IN ('order.placed', 'order.confirmed', 'order.rejected',
                     'order.cancel_requested', 'order.cancelled', 'order.completed')
    ORDER BY e.stream, e.version DESC
),
expected AS (
    SELECT substr(e.stream, length('order-') + 1) AS key,
           ARRAY[e.data->>'account',
                 CASE l.type WHEN 'order.placed' THEN 'pending'
                             WHEN 'order.cancel_requested' THEN 'cancelling'
                             ELSE substr(l.type, length('order.') + 1) END,
                 (SELECT r.data->>'reason' FROM seen AS r
                  WHERE r.stream = e.stream AND r.type = 'order.rejected'),
                 e.data->'total'->>'amount',
                 e.data->'total'->>'currency', e.data->>'payment_method',
                 jsonb_array_length(e.data->'lines')::text, l.version::text,
                 (e.data->>'placed_at')::timestamptz::text, l.recorded_at::text,
                 e.partition::text, l.position::text] AS value
    FROM seen AS e
    JOIN last AS l ON l.stream = e.stream
    WHERE e.type = 'order.placed'
),
found AS (
    SELECT o.id AS key,
           ARRAY[o.account, o.status, o.reason, o.total_amount::text, o.currency,
                 o.payment_method, o.line_count::text, o.version::text, o.placed_at::text,
                 o.updated_at::text, o.partition::text, o.position::text] AS value
    FROM skald_read.orders_vN AS o
)
