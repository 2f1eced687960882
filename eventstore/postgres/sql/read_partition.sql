-- The events of partition $1 behind position $2: at most $3 of them, and as many as begin within
-- $4 bytes.
SELECT x.partition, x.position, x.stream, x.version, x.type, x.schema_version, x.command_id,
       x.command_seq, x.recorded_at, x.meta, x.data
FROM (SELECT e.partition, e.position, e.stream, e.version, e.type, e.schema_version, e.command_id,
             e.command_seq, e.recorded_at, e.meta, e.data,
             sum(octet_length(e.meta) + octet_length(e.data)) OVER (ORDER BY e.position)
                 - octet_length(e.meta) - octet_length(e.data) AS bytes_before
      FROM skald.events e
      WHERE e.partition = $1 AND e.position > $2 AND e.position <= $2 + $3) AS x
WHERE x.bytes_before < $4
ORDER BY x.position
