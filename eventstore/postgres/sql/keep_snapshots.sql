-- Keeps snapshots ($1 partitions, $2 streams, $3 versions, $4 commands, $5 numbers and $6 times of
-- the events they end with, $7 revisions, $8 states), but not one whose last event the log does not
-- hold, nor in place of a later one of the same revision that it does hold the last event of. In
-- the order given, so that two who write the same ones do not wait for each other in a circle.
INSERT INTO skald.snapshots AS kept (partition, stream, version, command_id, command_seq,
                                     recorded_at, revision, state, kept_at)
SELECT t.partition, t.stream, t.version, t.command_id, t.command_seq, t.recorded_at, t.revision,
       t.state, now()
FROM unnest($1::integer[], $2::text[], $3::bigint[], $4::uuid[], $5::integer[], $6::timestamptz[],
            $7::integer[], $8::bytea[]) WITH ORDINALITY
         AS t(partition, stream, version, command_id, command_seq, recorded_at, revision, state, n)
WHERE (SELECT (e.command_id, e.command_seq, e.recorded_at)
              = (t.command_id, t.command_seq, t.recorded_at)
       FROM skald.events e
       WHERE e.partition = t.partition AND e.stream = t.stream AND e.version = t.version)
ORDER BY t.n
ON CONFLICT (partition, stream) DO UPDATE
SET version = excluded.version, command_id = excluded.command_id,
    command_seq = excluded.command_seq, recorded_at = excluded.recorded_at,
    revision = excluded.revision, state = excluded.state, kept_at = excluded.kept_at
WHERE kept.version <= excluded.version OR kept.revision <> excluded.revision
   OR (SELECT (e.command_id, e.command_seq, e.recorded_at)
              = (kept.command_id, kept.command_seq, kept.recorded_at)
       FROM skald.events e
       WHERE e.partition = kept.partition AND e.stream = kept.stream
         AND e.version = kept.version) IS NOT TRUE
