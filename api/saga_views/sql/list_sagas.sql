-- A page of the sagas.
SELECT s.stream, s.saga, s.subject, s.definition, s.phase, s.urgency, s.step, s.undo, s.code,
       s.version, s.started_at, s.since, s.due_at
FROM skald.sagas AS s
WHERE true{where}
ORDER BY {order}
LIMIT {limit}
