-- What is live of projection $1, and how far each partition is.
SELECT p.live_version,
       v.definition,
       ARRAY(SELECT c.position
             FROM skald.projection_cursors AS c
             WHERE c.name = p.name AND c.version = p.live_version
             ORDER BY c.partition) AS positions
FROM skald.projections AS p
JOIN skald.projection_versions AS v ON v.name = p.name AND v.version = p.live_version
WHERE p.name = $1
