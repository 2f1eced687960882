-- The compare-and-set of the partition's owner.
UPDATE skald.saga_cursors AS c
SET position = $2, event_id = $3
WHERE c.partition = $1 AND c.position = $4 AND c.revision = $5
