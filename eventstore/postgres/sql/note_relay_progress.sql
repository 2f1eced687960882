-- Never back: a relay that was replaced must not undo what its successor noted.
INSERT INTO skald.relay_progress AS r (partition, position, event_id, noted_at)
VALUES ($1, $2, $3, now())
ON CONFLICT (partition) DO UPDATE
SET position = excluded.position, event_id = excluded.event_id, noted_at = excluded.noted_at
WHERE r.position < excluded.position
