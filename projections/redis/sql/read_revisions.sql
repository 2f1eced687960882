-- The live version of projection $1, its generation, the revision of each partition, the definition
-- that fills it, and the position of each partition.
SELECT p.live_version,
       v.generation::text AS generation,
       ARRAY(SELECT c.revision
             FROM skald.projection_cursors AS c
             WHERE c.name = p.name AND c.version = p.live_version
             ORDER BY c.partition) AS revisions,
       v.definition,
       ARRAY(SELECT c.position
             FROM skald.projection_cursors AS c
             WHERE c.name = p.name AND c.version = p.live_version
             ORDER BY c.partition) AS positions
FROM skald.projections AS p
JOIN skald.projection_versions AS v ON v.name = p.name AND v.version = p.live_version
WHERE p.name = $1
