reserved AS (
    SELECT substr(e.stream, length('stock-') + 1) AS sku, e.data->>'hold' AS hold,
           e.data->>'quantity' AS quantity, e.recorded_at, e.partition, e.position
    FROM seen AS e
    WHERE e.type = 'stock.reserved'
),
ended AS (
    SELECT substr(e.stream, length('stock-') + 1) AS sku, e.data->>'hold' AS hold
    FROM seen AS e
    WHERE e.type IN ('stock.released', 'stock.allocated')
),
expected AS (
    SELECT r.sku || ' ' || r.hold AS key,
           ARRAY[r.quantity, r.recorded_at::text, r.partition::text, r.position::text] AS value
    FROM reserved AS r
    LEFT JOIN ended AS x ON x.sku = r.sku AND x.hold = r.hold
    WHERE x.hold IS NULL
),
found AS (
    SELECT h.sku || ' ' || h.hold AS key,
           ARRAY[h.quantity::text, h.held_at::text, h.partition::text, h.position::text] AS value
    FROM skald_read.stock_holds_vN AS h
)
