SELECT t.type, t.at
FROM skald_read.order_timeline_vN AS t
WHERE t.order_id = $1
ORDER BY t.version
