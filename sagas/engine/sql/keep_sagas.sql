-- Never back to an older version of the stream.
INSERT INTO skald.sagas AS s (stream, partition, saga, subject, definition, phase, step, undo, code,
                              version, started_at, since, due_at, at_rest)
SELECT v.stream, $1, v.saga, v.subject, v.definition, v.phase, nullif(v.step, ''), v.undo, v.code,
       v.version, v.started_at, v.since, nullif(v.due_at, 'epoch'::timestamptz), v.at_rest
FROM unnest($2::text[], $3::text[], $4::text[], $5::integer[], $6::text[], $7::text[],
            $8::boolean[], $9::text[], $10::bigint[], $11::timestamptz[], $12::timestamptz[],
            $13::timestamptz[], $14::boolean[])
     AS v(stream, saga, subject, definition, phase, step, undo, code, version, started_at, since,
          due_at, at_rest)
ON CONFLICT (stream) DO UPDATE
SET phase = excluded.phase, step = excluded.step, undo = excluded.undo, code = excluded.code,
    version = excluded.version, since = excluded.since, due_at = excluded.due_at,
    at_rest = excluded.at_rest
WHERE s.version < excluded.version
