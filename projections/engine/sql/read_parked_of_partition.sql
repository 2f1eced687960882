-- The keys held back, and for each the type of the event that it waits for.
SELECT k.key, k.reason, e.type, e.schema_version
FROM skald.parked_keys AS k
JOIN skald.parked_events AS e
  ON e.name = k.name AND e.version = k.version AND e.key = k.key AND e.position = k.position
WHERE k.name = $1 AND k.version = $2 AND k.partition = $3
ORDER BY k.position
