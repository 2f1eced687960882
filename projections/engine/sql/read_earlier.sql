-- Of each stream $2 of partition $1: the events before version $3 that are of one of the types $4,
-- oldest first.
SELECT e.stream, e.partition, e.position, e.version, e.type, e.schema_version, e.recorded_at, e.data
FROM unnest($1::integer[], $2::text[], $3::bigint[]) AS w(partition, stream, version)
JOIN skald.events AS e
  ON e.partition = w.partition AND e.stream = w.stream AND e.version < w.version
WHERE e.type = ANY ($4::text[])
ORDER BY e.stream, e.version
