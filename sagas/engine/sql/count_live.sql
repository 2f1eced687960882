-- Of those that have not ended: all at the beginning of one index.
SELECT s.saga, s.phase, count(*)
FROM skald.sagas AS s
WHERE s.urgency < 2 AND s.partition = ANY ($1)
GROUP BY s.saga, s.phase
