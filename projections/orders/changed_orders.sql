SELECT o.id, o.revision, o.line_count
FROM skald_read.orders_vN AS o
WHERE o.partition = $1 AND o.revision > $2
ORDER BY o.revision
LIMIT $3
