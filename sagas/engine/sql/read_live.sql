-- Those that something is to be done for by $2.
SELECT s.stream FROM skald.sagas AS s
WHERE s.partition = $1 AND s.phase IN ('forward', 'undoing') AND NOT s.at_rest
UNION ALL
SELECT s.stream FROM skald.sagas AS s
WHERE s.partition = $1 AND s.phase IN ('forward', 'undoing') AND s.at_rest AND s.due_at <= $2
