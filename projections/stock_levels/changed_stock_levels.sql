SELECT s.sku, s.revision, s.on_hand, s.held, s.allocated, s.version
FROM skald_read.stock_levels_vN AS s
WHERE s.partition = $1 AND s.revision > $2
ORDER BY s.revision
LIMIT $3
