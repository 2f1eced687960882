moved AS (
    SELECT substr(e.stream, length('stock-') + 1) AS sku, e.partition, e.position, e.version,
           e.recorded_at, e.type, (e.data->>'quantity')::bigint AS quantity,
           (e.data->>'delta')::bigint AS delta
    FROM seen AS e
    WHERE e.stream LIKE 'stock-%'
),
summed AS (
    SELECT m.sku, m.partition, max(m.position) AS position, max(m.version) AS version,
           (array_agg(m.recorded_at ORDER BY m.version DESC))[1] AS updated_at,
           sum(CASE m.type WHEN 'stock.received' THEN m.quantity
                           WHEN 'stock.returned' THEN m.quantity
                           WHEN 'stock.adjusted' THEN m.delta
                           WHEN 'stock.shipped' THEN -m.quantity
                           ELSE 0 END) AS on_hand,
           sum(CASE m.type WHEN 'stock.reserved' THEN m.quantity
                           WHEN 'stock.released' THEN -m.quantity
                           WHEN 'stock.allocated' THEN -m.quantity
                           ELSE 0 END) AS held,
           sum(CASE m.type WHEN 'stock.allocated' THEN m.quantity
                           WHEN 'stock.unallocated' THEN -m.quantity
                           WHEN 'stock.shipped' THEN -m.quantity
                           ELSE 0 END) AS allocated
    FROM moved AS m
    GROUP BY m.sku, m.partition
),
expected AS (
    SELECT s.sku AS key,
           ARRAY[s.on_hand::text, s.held::text, s.allocated::text, s.version::text,
                 s.updated_at::text, s.partition::text, s.position::text] AS value
    FROM summed AS s
),
found AS (
    SELECT s.sku AS key,
           ARRAY[s.on_hand::text, s.held::text, s.allocated::text, s.version::text,
                 s.updated_at::text, s.partition::text, s.position::text] AS value
    FROM skald_read.stock_levels_vN AS s
)
