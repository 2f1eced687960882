SELECT r.partition, r.position, r.event_id, r.noted_at
FROM skald.relay_progress r
ORDER BY r.partition
