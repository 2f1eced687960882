-- The versions that are still needed.
SELECT s.saga, s.definition, count(*) FROM skald.sagas AS s
WHERE s.phase IN ('forward', 'undoing', 'stuck')
GROUP BY s.saga, s.definition
ORDER BY s.saga, s.definition
