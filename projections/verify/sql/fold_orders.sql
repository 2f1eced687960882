summed AS (
    SELECT e.stream, max(e.version) AS version, max(e.position) AS position,
           (array_agg(e.recorded_at ORDER BY e.version DESC))[1] AS updated_at,
           bool_or(e.type = 'order.completed') AS completed,
           bool_or(e.type = 'order.cancelled') AS cancelled,
           bool_or(e.type = 'order.rejected') AS rejected,
           bool_or(e.type = 'order.rest_cancelled') AS without_rest,
           sum((e.data->'total'->>'amount')::bigint)
               FILTER (WHERE e.type = 'order.rest_cancelled') AS rest_cancelled,
           (array_agg(e.type ORDER BY e.version DESC)
            FILTER (WHERE e.type IN ('order.cancel_requested', 'order.cancel_refused')))[1]
               AS last_request,
           max(e.data->>'payment_id') AS payment_id,
           max(e.data->>'reason') FILTER (WHERE e.type = 'order.rejected') AS reason,
           sum(coalesce((e.data->'refund_due'->>'amount')::bigint,
                        (e.data->'refund'->>'amount')::bigint, 0)) AS refund_due
    FROM seen AS e
    WHERE e.stream LIKE 'order-%'
    GROUP BY e.stream
),
shipments AS (
    SELECT e.stream, sum((l.line->>'quantity')::bigint) AS units
    FROM seen AS e
    CROSS JOIN LATERAL jsonb_array_elements(e.data->'lines') AS l(line)
    WHERE e.type = 'order.shipped'
    GROUP BY e.stream
),
expected AS (
    SELECT substr(e.stream, length('order-') + 1) AS key,
           ARRAY[e.data->>'account',
                 CASE WHEN s.completed THEN 'completed'
                      WHEN s.cancelled THEN 'cancelled'
                      WHEN s.rejected THEN 'rejected'
                      WHEN s.last_request = 'order.cancel_requested' THEN 'cancelling'
                      WHEN s.without_rest THEN 'shipped'
                      WHEN h.units = (SELECT sum((l.line->>'quantity')::bigint)
                                      FROM jsonb_array_elements(e.data->'lines') AS l(line)
                                      WHERE coalesce(l.line->>'ships', 'true') = 'true')
                          THEN 'shipped'
                      WHEN s.payment_id IS NOT NULL THEN 'confirmed'
                      ELSE 'pending' END,
                 s.reason, e.data->'total'->>'amount', s.refund_due::text,
                 coalesce(s.rest_cancelled, 0)::text, e.data->'total'->>'currency',
                 e.data->>'payment_method', s.payment_id,
                 jsonb_array_length(e.data->'lines')::text, s.version::text,
                 (e.data->>'placed_at')::timestamptz::text, s.updated_at::text,
                 e.partition::text, s.position::text] AS value
    FROM seen AS e
    JOIN summed AS s ON s.stream = e.stream
    LEFT JOIN shipments AS h ON h.stream = e.stream
    WHERE e.type = 'order.placed'
),
found AS (
    SELECT o.id AS key,
           ARRAY[o.account, o.status, o.reason, o.total_amount::text, o.refund_due::text,
                 o.rest_cancelled::text, o.currency, o.payment_method, o.payment_id,
                 o.line_count::text, o.version::text, o.placed_at::text, o.updated_at::text,
                 o.partition::text, o.position::text] AS value
    FROM skald_read.orders_vN AS o
)
