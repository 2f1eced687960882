-- What was promised and not taken: what a void lets go of.
untaken AS (
    SELECT e.stream, sum(CASE e.type WHEN 'payment.authorised' THEN 1 ELSE -1 END
                         * (e.data->'amount'->>'amount')::bigint) AS amount
    FROM seen AS e
    WHERE e.type IN ('payment.authorised', 'payment.captured')
    GROUP BY e.stream
),
expected AS (
    SELECT substr(e.stream, length('payment-') + 1) || ' ' || e.version AS key,
           ARRAY[e.type, e.recorded_at::text,
                 CASE e.type WHEN 'payment.voided' THEN u.amount::text
                             ELSE e.data->'amount'->>'amount' END,
                 e.data->>'refund_id', e.partition::text, e.position::text] AS value
    FROM seen AS e
    LEFT JOIN untaken AS u ON u.stream = e.stream
    WHERE e.type IN ('payment.authorised', 'payment.captured', 'payment.voided',
                     'payment.refunded')
),
found AS (
    SELECT m.payment_id || ' ' || m.version AS key,
           ARRAY[m.type, m.at::text, m.amount::text, m.refund_id, m.partition::text,
                 m.position::text] AS value
    FROM skald_read.payment_movements_vN AS m
)
