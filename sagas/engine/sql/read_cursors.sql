SELECT c.partition, c.position, c.revision
FROM skald.saga_cursors AS c
WHERE c.partition = ANY ($1)
