-- The snapshot behind the one of stream $2 in partition $1, and whether the log holds the last
-- event that it speaks of.
SELECT s.partition, s.stream, s.version, s.revision, s.state,
       EXISTS (SELECT FROM skald.events e
               WHERE e.partition = s.partition AND e.stream = s.stream AND e.version = s.version
                 AND e.command_id = s.command_id AND e.command_seq = s.command_seq)
FROM skald.snapshots s
WHERE (s.partition, s.stream) > ($1, $2::text)
ORDER BY s.partition, s.stream
LIMIT 1
