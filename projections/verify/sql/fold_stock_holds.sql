-- A hold is there while the last that was heard of it is that it was reserved: its id may be used
-- again.
latest AS (
    SELECT DISTINCT ON (e.stream, e.data->>'hold')
           substr(e.stream, length('stock-') + 1) AS sku, e.data->>'hold' AS hold, e.type,
           e.data->>'quantity' AS quantity, e.recorded_at, e.partition, e.position
    FROM seen AS e
    WHERE e.type IN ('stock.reserved', 'stock.released', 'stock.allocated')
    ORDER BY e.stream, e.data->>'hold', e.version DESC
),
expected AS (
    SELECT l.sku || ' ' || l.hold AS key,
           ARRAY[l.quantity, l.recorded_at::text, l.partition::text, l.position::text] AS value
    FROM latest AS l
    WHERE l.type = 'stock.reserved'
),
found AS (
    SELECT h.sku || ' ' || h.hold AS key,
           ARRAY[h.quantity::text, h.held_at::text, h.partition::text, h.position::text] AS value
    FROM skald_read.stock_holds_vN AS h
)
