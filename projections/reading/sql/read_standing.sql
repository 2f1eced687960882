-- What is live of projection $1, how far each partition is, and what is held back; $2: the key
-- asked for, or null. Held-back keys are counted for lists only, and only so far that no list has
-- to wait for it.
SELECT p.live_version,
       v.definition,
       ARRAY(SELECT c.position
             FROM skald.projection_cursors AS c
             WHERE c.name = p.name AND c.version = p.live_version
             ORDER BY c.partition) AS positions,
       CASE WHEN $2 IS NULL
            THEN (SELECT count(*)
                  FROM (SELECT k.key
                        FROM skald.parked_keys AS k
                        WHERE k.name = p.name AND k.version = p.live_version
                        LIMIT 1000) AS held)
            ELSE 0
       END AS parked_keys,
       own.reason,
       own.detail
FROM skald.projections AS p
JOIN skald.projection_versions AS v ON v.name = p.name AND v.version = p.live_version
LEFT JOIN skald.parked_keys AS own
       ON own.name = p.name AND own.version = p.live_version AND own.key = $2
WHERE p.name = $1
