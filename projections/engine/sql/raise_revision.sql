UPDATE skald.projection_cursors AS c
SET revision = $5::bigint, moved_at = now()
WHERE c.name = $1 AND c.version = $2 AND c.partition = $3 AND c.revision = $4
