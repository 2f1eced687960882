-- The events of each of the partitions $1 behind its position ($2), in the order asked for: of
-- each $3 at most and as many as begin within $4 bytes, of all together as many as begin within
-- $5 bytes.
SELECT y.partition, y.position, y.stream, y.version, y.type, y.schema_version, y.command_id,
       y.command_seq, y.recorded_at, y.meta, y.data
FROM (SELECT t.n, x.partition, x.position, x.stream, x.version, x.type, x.schema_version,
             x.command_id, x.command_seq, x.recorded_at, x.meta, x.data,
             sum(x.bytes) OVER (ORDER BY t.n, x.position) - x.bytes AS bytes_before
      FROM unnest($1::integer[], $2::bigint[]) WITH ORDINALITY AS t(partition, after, n)
      CROSS JOIN LATERAL (
          SELECT v.partition, v.position, v.stream, v.version, v.type, v.schema_version,
                 v.command_id, v.command_seq, v.recorded_at, v.meta, v.data, v.bytes
          FROM (SELECT e.partition, e.position, e.stream, e.version, e.type, e.schema_version,
                       e.command_id, e.command_seq, e.recorded_at, e.meta, e.data,
                       octet_length(e.meta) + octet_length(e.data) AS bytes,
                       sum(octet_length(e.meta) + octet_length(e.data)) OVER (ORDER BY e.position)
                           - octet_length(e.meta) - octet_length(e.data) AS bytes_before
                FROM skald.events e
                WHERE e.partition = t.partition AND e.position > t.after
                  AND e.position <= t.after + $3) AS v
          WHERE v.bytes_before < $4
      ) AS x) AS y
WHERE y.bytes_before < $5
ORDER BY y.n, y.position
