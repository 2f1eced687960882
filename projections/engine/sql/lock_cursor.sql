SELECT c.position, c.event_id, c.revision
FROM skald.projection_cursors AS c
WHERE c.name = $1 AND c.version = $2 AND c.partition = $3
FOR UPDATE
