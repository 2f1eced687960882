-- The snapshot behind the one of stream $2 in partition $1, and whether the log holds the event
-- that it ends with.
SELECT s.partition, s.stream, s.version, s.revision, s.state,
       coalesce((SELECT (e.command_id, e.command_seq, e.recorded_at)
                        = (s.command_id, s.command_seq, s.recorded_at)
                 FROM skald.events e
                 WHERE e.partition = s.partition AND e.stream = s.stream
                   AND e.version = s.version), false)
FROM skald.snapshots s
WHERE (s.partition, s.stream) > ($1, $2::text)
ORDER BY s.partition, s.stream
LIMIT 1
