-- Keeps snapshots ($1 partitions, $2 streams, $3 versions, $4 commands and $5 numbers of their last
-- events, $6 revisions, $7 states), but not one whose last event the log does not hold, nor in
-- place of a later one of the same revision that it does hold the last event of.
INSERT INTO skald.snapshots AS kept (partition, stream, version, command_id, command_seq, revision,
                                     state, kept_at)
SELECT t.partition, t.stream, t.version, t.command_id, t.command_seq, t.revision, t.state, now()
FROM unnest($1::integer[], $2::text[], $3::bigint[], $4::uuid[], $5::integer[], $6::integer[],
            $7::bytea[])
         AS t(partition, stream, version, command_id, command_seq, revision, state)
JOIN skald.events e
    ON e.partition = t.partition AND e.stream = t.stream AND e.version = t.version
       AND e.command_id = t.command_id AND e.command_seq = t.command_seq
ON CONFLICT (partition, stream) DO UPDATE
SET version = excluded.version, command_id = excluded.command_id,
    command_seq = excluded.command_seq, revision = excluded.revision, state = excluded.state,
    kept_at = excluded.kept_at
WHERE kept.version <= excluded.version OR kept.revision <> excluded.revision
   OR NOT EXISTS (SELECT FROM skald.events e
                  WHERE e.partition = kept.partition AND e.stream = kept.stream
                    AND e.version = kept.version AND e.command_id = kept.command_id
                    AND e.command_seq = kept.command_seq)
