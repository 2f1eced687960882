SELECT t.version, t.type, t.at, t.detail, t.refund
FROM skald_read.order_timeline_vN AS t
WHERE t.order_id = $1
ORDER BY t.version
