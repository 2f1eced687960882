-- The events of each stream ($1 partitions, $2 names) behind its version ($3), in the order
-- asked for: $4 at most, and as many as begin within $5 bytes.
SELECT y.partition, y.position, y.stream, y.version, y.type, y.schema_version, y.command_id,
       y.command_seq, y.recorded_at, y.meta, y.data
FROM (SELECT x.n, x.partition, x.position, x.stream, x.version, x.type, x.schema_version,
             x.command_id, x.command_seq, x.recorded_at, x.meta, x.data,
             sum(octet_length(x.meta) + octet_length(x.data)) OVER (ORDER BY x.n, x.version)
                 - octet_length(x.meta) - octet_length(x.data) AS bytes_before
      FROM (SELECT t.n, e.partition, e.position, e.stream, e.version, e.type, e.schema_version,
                   e.command_id, e.command_seq, e.recorded_at, e.meta, e.data
            FROM unnest($1::integer[], $2::text[], $3::bigint[]) WITH ORDINALITY
                     AS t(partition, stream, after, n)
            CROSS JOIN LATERAL (
                SELECT v.partition, v.position, v.stream, v.version, v.type, v.schema_version,
                       v.command_id, v.command_seq, v.recorded_at, v.meta, v.data
                FROM skald.events v
                WHERE v.partition = t.partition AND v.stream = t.stream AND v.version > t.after
                ORDER BY v.version
                LIMIT $4
            ) AS e
            ORDER BY t.n, e.version
            LIMIT $4) AS x) AS y
WHERE y.bytes_before < $5
ORDER BY y.n, y.version
