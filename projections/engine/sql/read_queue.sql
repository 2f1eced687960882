SELECT e.position, e.stream, e.stream_version, e.type, e.schema_version, e.event_id, e.recorded_at,
       e.data
FROM skald.parked_events AS e
WHERE e.name = $1 AND e.version = $2 AND e.key = $3
ORDER BY e.position
