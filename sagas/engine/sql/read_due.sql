-- Those at rest whose deadline is in ($2, $3].
SELECT s.partition, s.stream FROM skald.sagas AS s
WHERE s.partition = ANY ($1) AND s.phase IN ('forward', 'undoing') AND s.at_rest
  AND s.due_at > $2 AND s.due_at <= $3
ORDER BY s.partition
