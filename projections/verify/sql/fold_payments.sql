summed AS (
    SELECT e.stream, max(e.version) AS version, max(e.position) AS position,
           (array_agg(e.recorded_at ORDER BY e.version DESC))[1] AS updated_at,
           bool_or(e.type = 'payment.authorised') AS authorised,
           bool_or(e.type = 'payment.declined') AS declined,
           bool_or(e.type = 'payment.voided') AS voided,
           max(e.data->>'code') FILTER (WHERE e.type = 'payment.declined') AS code,
           -- In flight is what was asked for last, unless it was answered, or never arrived.
           (array_agg(CASE e.type WHEN 'payment.capture_requested' THEN e.data->'amount'->>'amount'
                                  ELSE '0' END ORDER BY e.version DESC)
            FILTER (WHERE e.type IN ('payment.capture_requested', 'payment.captured')
                       OR (e.data->>'operation' = 'OPERATION_CAPTURE'
                           AND e.data->>'found' <> 'FOUND_DONE')))[1] AS capturing,
           (array_agg(e.type ORDER BY e.version DESC)
            FILTER (WHERE e.type IN ('payment.void_requested', 'payment.voided')
                       OR (e.data->>'operation' = 'OPERATION_VOID'
                           AND e.data->>'found' <> 'FOUND_DONE')))[1] AS last_void,
           sum((e.data->'amount'->>'amount')::bigint)
               FILTER (WHERE e.type = 'payment.captured') AS captured,
           sum((e.data->'amount'->>'amount')::bigint)
               FILTER (WHERE e.type = 'payment.refunded') AS refunded
    FROM seen AS e
    WHERE e.stream LIKE 'payment-%'
    GROUP BY e.stream
),
expected AS (
    SELECT substr(e.stream, length('payment-') + 1) AS key,
           ARRAY[e.data->>'order', e.data->>'method', e.data->'amount'->>'amount',
                 e.data->'amount'->>'currency',
                 CASE WHEN s.voided THEN 'voided' WHEN s.declined THEN 'declined'
                      WHEN s.authorised THEN 'authorised' ELSE 'pending' END,
                 s.code, coalesce(s.capturing, '0'),
                 coalesce(s.last_void = 'payment.void_requested', false)::text,
                 coalesce(s.captured, 0)::text, coalesce(s.refunded, 0)::text, s.version::text,
                 e.recorded_at::text, s.updated_at::text, e.partition::text,
                 s.position::text] AS value
    FROM seen AS e
    JOIN summed AS s ON s.stream = e.stream
    WHERE e.type = 'payment.initiated'
),
found AS (
    SELECT p.id AS key,
           ARRAY[p.order_id, p.method, p.amount::text, p.currency, p.authorisation, p.code,
                 p.capturing::text, p.voiding::text, p.captured::text, p.refunded::text,
                 p.version::text, p.created_at::text, p.updated_at::text, p.partition::text,
                 p.position::text] AS value
    FROM skald_read.payments_vN AS p
)
