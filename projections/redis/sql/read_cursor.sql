SELECT c.revision, c.position
FROM skald.projection_cursors AS c
WHERE c.name = $1 AND c.version = $2 AND c.partition = $3
