DELETE FROM skald.parked_events AS e
WHERE e.name = $1 AND e.version = $2
