INSERT INTO verify_cursors (name, partition, position)
SELECT c.name, c.partition, c.position
FROM skald.projection_cursors AS c
JOIN skald.projections AS p ON p.name = c.name AND p.live_version = c.version
