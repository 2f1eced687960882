-- How far each partition of the live versions is.
SELECT c.name, c.partition, c.position
FROM skald.projection_cursors AS c
JOIN skald.projections AS p ON p.name = c.name AND p.live_version = c.version
ORDER BY c.name, c.partition
