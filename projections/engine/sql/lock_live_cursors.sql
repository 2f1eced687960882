-- Stops the owners of the live version for as long as the transaction lasts.
SELECT c.partition, c.position
FROM skald.projection_cursors AS c
WHERE c.name = $1 AND c.version = $2
ORDER BY c.partition
FOR UPDATE
