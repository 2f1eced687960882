latest AS (
    SELECT substr(e.stream, length('cart-') + 1) AS id, e.partition,
           max(e.position) AS position, max(e.version) AS version,
           min(e.recorded_at) FILTER (WHERE e.version = 1) AS created_at,
           (array_agg(e.recorded_at ORDER BY e.version DESC))[1] AS updated_at,
           max(e.data->>'account') FILTER (WHERE e.type = 'cart.created') AS account,
           max(e.data->>'order_id') FILTER (WHERE e.type = 'cart.checked_out') AS order_id
    FROM seen AS e
    WHERE e.stream LIKE 'cart-%'
    GROUP BY e.stream, e.partition
),
expected AS (
    SELECT l.id AS key,
           ARRAY[l.account, l.order_id, l.version::text, l.created_at::text, l.updated_at::text,
                 l.partition::text, l.position::text] AS value
    FROM latest AS l
),
found AS (
    SELECT c.id AS key,
           ARRAY[c.account, c.order_id, c.version::text, c.created_at::text, c.updated_at::text,
                 c.partition::text, c.position::text] AS value
    FROM skald_read.carts_vN AS c
)
