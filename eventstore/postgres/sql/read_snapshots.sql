-- The snapshots of these streams ($1 partitions, $2 names) by these revisions ($3), if the log
-- holds the last event that they speak of.
SELECT s.stream, s.version, s.command_id, s.command_seq, s.revision, s.state
FROM unnest($1::integer[], $2::text[], $3::integer[]) AS t(partition, stream, revision)
JOIN skald.snapshots s
    ON s.partition = t.partition AND s.stream = t.stream AND s.revision = t.revision
JOIN skald.events e
    ON e.partition = s.partition AND e.stream = s.stream AND e.version = s.version
       AND e.command_id = s.command_id AND e.command_seq = s.command_seq
