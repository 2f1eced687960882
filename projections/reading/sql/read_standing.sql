-- What is live of projection $1, how far each partition is, and what is held back; $2: the key
-- asked for, or null.
SELECT p.live_version,
       v.definition,
       ARRAY(SELECT c.position
             FROM skald.projection_cursors AS c
             WHERE c.name = p.name AND c.version = p.live_version
             ORDER BY c.partition) AS positions,
       (SELECT count(*)
        FROM skald.parked_keys AS k
        WHERE k.name = p.name AND k.version = p.live_version) AS parked_keys,
       own.reason,
       own.detail
FROM skald.projections AS p
JOIN skald.projection_versions AS v ON v.name = p.name AND v.version = p.live_version
LEFT JOIN skald.parked_keys AS own
       ON own.name = p.name AND own.version = p.live_version AND own.key = $2
WHERE p.name = $1
