-- Never back: a relay that was replaced must not undo what its successor noted. Ascending, so that
-- two relays wait for each other instead of deadlocking.
INSERT INTO skald.relay_progress AS r (partition, position, event_id, noted_at)
SELECT t.partition, t.position, t.event_id, now()
FROM unnest($1::integer[], $2::bigint[], $3::uuid[]) AS t(partition, position, event_id)
ORDER BY t.partition
ON CONFLICT (partition) DO UPDATE
SET position = excluded.position, event_id = excluded.event_id, noted_at = excluded.noted_at
WHERE r.position < excluded.position
