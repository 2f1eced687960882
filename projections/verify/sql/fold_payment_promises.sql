expected AS (
    SELECT substr(e.stream, length('payment-') + 1) AS key,
           ARRAY[e.data->>'provider_ref', e.data->'amount'->>'amount',
                 (e.data->>'expires_at')::timestamptz::text, e.partition::text,
                 e.position::text] AS value
    FROM seen AS e
    WHERE e.type = 'payment.authorised'
),
found AS (
    SELECT p.payment_id AS key,
           ARRAY[p.provider_ref, p.amount::text, p.expires_at::text, p.partition::text,
                 p.position::text] AS value
    FROM skald_read.payment_promises_vN AS p
)
