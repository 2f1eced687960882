-- The snapshots of these streams ($1 partitions, $2 names) by these revisions ($3), if the log
-- holds the event that each ends with. Scalar subqueries and OFFSET 0 leave no other plan than a
-- probe of each key: a join is made by statistics, and reads a stream whole where there are none.
SELECT s.stream, s.version, s.command_id, s.command_seq, s.recorded_at, s.revision, s.state
FROM unnest($1::integer[], $2::text[], $3::integer[]) AS t(partition, stream, revision)
CROSS JOIN LATERAL (
    SELECT k.partition, k.stream, k.version, k.command_id, k.command_seq, k.recorded_at,
           k.revision, k.state
    FROM skald.snapshots k
    WHERE k.partition = t.partition AND k.stream = t.stream AND k.revision = t.revision
    OFFSET 0) AS s
WHERE (SELECT (e.command_id, e.command_seq, e.recorded_at)
              = (s.command_id, s.command_seq, s.recorded_at)
       FROM skald.events e
       WHERE e.partition = s.partition AND e.stream = s.stream AND e.version = s.version)
