-- The revision in partition $1 behind which lie the last $2 orders that changed, or less where
-- several share one; nothing where there are no more orders than that.
SELECT o.revision
FROM skald_read.orders_vN AS o
WHERE o.partition = $1
ORDER BY o.revision DESC
OFFSET $2
LIMIT 1
