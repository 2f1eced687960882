SELECT e.position, e.stream, e.version, e.type, e.schema_version, e.recorded_at, e.data
FROM skald.events AS e
WHERE e.partition = $1 AND e.position > $2 AND e.position <= $3
ORDER BY e.position
LIMIT $4
