latest AS (
    SELECT substr(e.stream, length('product-') + 1) AS sku, e.partition,
           max(e.position) AS position, max(e.version) AS version,
           min(e.recorded_at) FILTER (WHERE e.version = 1) AS created_at,
           (array_agg(e.recorded_at ORDER BY e.version DESC))[1] AS updated_at,
           bool_or(e.type = 'product.archived') AS archived,
           -- Products say whether they ship only since it can be that they do not.
           coalesce((array_agg(e.data->>'ships' ORDER BY e.version DESC)
                     FILTER (WHERE e.data->>'ships' IS NOT NULL))[1], 'true') AS ships,
           (array_agg(e.data->>'title' ORDER BY e.version DESC)
            FILTER (WHERE e.data->>'title' IS NOT NULL))[1] AS title,
           (array_agg(e.data->>'department' ORDER BY e.version DESC)
            FILTER (WHERE e.data->>'department' IS NOT NULL))[1] AS department,
           (array_agg(e.data->>'category' ORDER BY e.version DESC)
            FILTER (WHERE e.data->>'category' IS NOT NULL))[1] AS category,
           (array_agg(e.data->>'brand' ORDER BY e.version DESC)
            FILTER (WHERE e.data->>'brand' IS NOT NULL))[1] AS brand,
           (array_agg(coalesce(e.data->'price'->>'amount', e.data->>'price_cents')
                      ORDER BY e.version DESC)
            FILTER (WHERE e.type IN ('product.created', 'product.price_set')))[1] AS amount,
           -- Prices were in euros before they named a currency.
           (array_agg(coalesce(e.data->'price'->>'currency', 'EUR') ORDER BY e.version DESC)
            FILTER (WHERE e.type IN ('product.created', 'product.price_set')))[1] AS currency
    FROM seen AS e
    WHERE e.stream LIKE 'product-%'
    GROUP BY e.stream, e.partition
),
expected AS (
    SELECT l.sku AS key,
           ARRAY[l.title, l.department, l.category, l.brand, l.amount, l.currency,
                 l.ships, l.archived::text, l.version::text, l.created_at::text,
                 l.updated_at::text, l.partition::text, l.position::text] AS value
    FROM latest AS l
),
found AS (
    SELECT p.sku AS key,
           ARRAY[p.title, p.department, p.category, p.brand, p.price_amount::text, p.currency,
                 p.ships::text, p.archived::text, p.version::text, p.created_at::text,
                 p.updated_at::text, p.partition::text, p.position::text] AS value
    FROM skald_read.products_vN AS p
)
