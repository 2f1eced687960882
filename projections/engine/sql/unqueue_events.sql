-- What was applied waits no longer.
DELETE FROM skald.parked_events AS e
WHERE e.name = $1 AND e.version = $2 AND e.key = $3 AND e.position < $4
